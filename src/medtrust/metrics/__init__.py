"""Estimates with intervals, from scores."""
