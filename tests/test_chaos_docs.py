"""docs/reliability.md says what the suite shows."""

from importlib import import_module
from pathlib import Path

import pytest

import chaos_events
import chaos_faults

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"


@pytest.mark.parametrize("table", [chaos_faults.table, chaos_events.table])
def test_the_page_has_the_table(table: object) -> None:
    assert callable(table)
    assert table() in PAGE.read_text(), f"the page should have:\n{table()}"


@pytest.mark.parametrize("event", chaos_events.EVENTS, ids=lambda event: event[0])
def test_an_event_has_its_test(event: tuple[str, ...]) -> None:
    module, _, name = event[-1].partition(".")
    assert callable(getattr(import_module(module), name))
