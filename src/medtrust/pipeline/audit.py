"""The audit of tables: every check on every table."""

from collections.abc import Sequence

from medtrust.audit.averages import wrong_averages
from medtrust.audit.confidence import more_than_all
from medtrust.audit.copies import copies
from medtrust.audit.fractions import no_whole_number
from medtrust.audit.pairs import contradictory_pairs
from medtrust.audit.ranges import out_of_range
from medtrust.audit.table import Finding, Table

CHECKS = (
    out_of_range,
    no_whole_number,
    contradictory_pairs,
    more_than_all,
    wrong_averages,
    copies,
)


def audit(tables: Sequence[Table]) -> list[Finding]:
    """What is impossible or inconsistent in the tables, in their order."""
    return [finding for table in tables for check in CHECKS for finding in check(table)]
