"""Are printed figures possible? Arithmetic that every honest table obeys."""

from medtrust.audit.printed import printed_tables
from medtrust.audit.read import read_tables
from medtrust.audit.table import Cell, Figure, Finding, Table

__all__ = ["Cell", "Figure", "Finding", "Table", "printed_tables", "read_tables"]
