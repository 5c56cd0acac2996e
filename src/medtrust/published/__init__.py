"""Published figures as data: what CARES and MediConfusion print about models, errors included."""

from medtrust.published.figures import Published, figures
from medtrust.published.table import (
    Part,
    Place,
    PublishedTable,
    Role,
    is_blank,
    parts_of,
    published_tables,
)

__all__ = [
    "Part",
    "Place",
    "Published",
    "PublishedTable",
    "Role",
    "figures",
    "is_blank",
    "parts_of",
    "published_tables",
]
