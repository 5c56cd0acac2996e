"""Private values in replies: finders for each kind, and the scorer that sets them in context."""

from medtrust.scorers.disclosure.found import Found
from medtrust.scorers.disclosure.kinds import KINDS, agrees, find, repeats
from medtrust.scorers.disclosure.scorer import DISCLOSURE

__all__ = ["DISCLOSURE", "KINDS", "Found", "agrees", "find", "repeats"]
