"""Reading a file of figures: three layouts, told apart by the headings."""

from pathlib import Path

from medtrust.audit import flat, long
from medtrust.audit.csv_file import read_sheet
from medtrust.audit.flat import flat_tables
from medtrust.audit.long import long_tables
from medtrust.audit.table import Table
from medtrust.audit.wide import wide_table


def read_tables(path: Path) -> list[Table]:
    """The tables in a CSV file: our results, a line for each figure, or as papers print them.

    Raises InputError, with the file and the line, for a file that is none of these.
    """
    sheet = read_sheet(path)
    head = {name.lower() for name in sheet.head.cells}
    if head.issuperset(flat.NEEDED):
        return flat_tables(sheet)
    if head.issuperset(long.NEEDED):
        return long_tables(sheet)
    return [wide_table(sheet)]
