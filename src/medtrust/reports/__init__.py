"""Estimates for people and for other programs."""
