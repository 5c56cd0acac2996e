"""Reading answers: one file a question."""
