"""Asking: the plan, the journal and the loop."""
