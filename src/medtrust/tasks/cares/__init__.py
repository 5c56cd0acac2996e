"""CARES: trustfulness (with fairness), safety, privacy and robustness, one file a dimension."""
