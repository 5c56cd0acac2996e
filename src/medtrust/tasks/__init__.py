"""What is asked of a sample, and which scorer reads the answer: one file a dimension."""
