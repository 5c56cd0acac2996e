"""The report as one self-contained web page."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from medtrust.records import Estimate
from medtrust.reports import section_result, section_run
from medtrust.reports.atomic import write_named
from medtrust.reports.formats import units
from medtrust.reports.profile import profiles
from medtrust.reports.result import Result
from medtrust.reports.section_groups import groups_view
from medtrust.reports.section_profile import profile_view
from medtrust.reports.section_published import published_table
from medtrust.reports.section_tasks import task_view
from medtrust.reports.standing import FEW, is_few
from medtrust.reports.summary import LONG, numbered, summarize
from medtrust.reports.view import PageView

MOST_NOTES = 12
"""Warnings that stand open; further ones are folded into a line."""


def write_html(result: Result, path: Path) -> None:
    """Write the page: no scripts, no requests, styles and figures inline.

    Raises:
        InputError: The file cannot be written.
    """
    write_named(path, render(result))


def render(result: Result) -> str:
    """The page as HTML."""
    environment = _environment()
    # The browser applies this style sheet and nothing else, not even a style attribute.
    css = environment.get_template("style.css").render()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return environment.get_template("page.html").render(page=page(result), css_digest=digest)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("medtrust.reports", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(result: Result) -> PageView:
    """Everything the page says, as records of text."""
    estimates = numbered(result.estimates)
    known = units(estimates)
    summaries = summarize(estimates)
    own: dict[tuple[str, str], list[Estimate]] = {}
    for estimate in estimates:
        own.setdefault((estimate.task, estimate.dataset), []).append(estimate)
    tasks = [
        (summary, task_view(f"task-{i}", summary, own[summary.task, summary.dataset], known))
        for i, summary in enumerate(summaries, start=1)
    ]
    groups = (
        groups_view(f"groups-{i}", summary, own[summary.task, summary.dataset], known)
        for i, summary in enumerate(summaries, start=1)
    )
    missing = section_result.missing(summaries)
    notes = section_result.notes(result.warnings)
    return PageView(
        title=section_result.title(summaries),
        lead=section_result.lead(summaries),
        is_long=len(summaries) > LONG,
        notes=notes[:MOST_NOTES],
        more_notes=notes[MOST_NOTES:],
        missing=missing,
        is_complete=missing is None and not notes,
        profile=profile_view(profiles(estimates), known),
        overview=section_result.overview(summaries, known),
        published=published_table(estimates, result.published, known),
        few=_few(e for e in estimates if e.group_by == "all"),
        few_of_groups=_few(e for e in estimates if e.group_by != "all"),
        tasks=tuple(view for summary, view in tasks if not summary.is_control),
        groups=tuple(view for view in groups if view is not None),
        controls=tuple(view for summary, view in tasks if summary.is_control),
        calibration=section_result.calibration(estimates, known),
        readings=section_result.readings(summaries, known),
        examples=section_run.examples(result.examples),
        examples_left_out=section_run.left_out(result.examples),
        provenance=section_run.provenance(result.run),
        glossary=section_result.glossary(estimates),
    )


def _few(estimates: Iterable[Estimate]) -> str:
    return f"few: {FEW}." if any(map(is_few, estimates)) else ""
