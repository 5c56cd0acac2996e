"""Who answers: one file a backend."""
