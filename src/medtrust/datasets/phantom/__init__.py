"""Phantom: medical-looking images drawn by code, with questions, for work offline.

Nothing in it is a picture of anyone; see docs/phantom.md for what it is good for.
"""

from medtrust.datasets.phantom.load import CARD, fetch, load

__all__ = ["CARD", "fetch", "load"]
