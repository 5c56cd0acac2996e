"""The report page in a real browser: nothing runs, nothing leaves, everything fits."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, sync_playwright

from medtrust.reports.html import write_html
from medtrust.reports.result import Result
from reports_cares import cares
from reports_example import estimate, result, score

HOSTILE = "<script>alert(1)</script><img src=//example.invalid/x onerror=alert(1)>\u202e"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


def hostile() -> Result:
    return Result(
        estimates=(estimate(HOSTILE), replace(estimate(), metric=HOSTILE, group=HOSTILE)),
        run={"settings": {HOSTILE: HOSTILE}},
        notes=(HOSTILE,),
        examples=(score(HOSTILE + "x" * 100_000, model=HOSTILE),),
    )


@pytest.mark.parametrize("shown", [result(), hostile()], ids=["plain", "hostile"])
def test_nothing_runs_and_no_request_leaves(
    browser: Browser, tmp_path: Path, shown: Result
) -> None:
    path = tmp_path / "report.html"
    write_html(shown, path)
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri(), wait_until="networkidle")
    assert asked == [path.as_uri()]
    assert said == []  # no alert, and no style or script that the policy had to refuse
    assert page.locator("script, img, iframe, link").count() == 0
    page.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_and_is_legible(
    browser: Browser, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    path = tmp_path / "report.html"
    write_html(result(), path)
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ink, paper = (
        page.evaluate(f"getComputedStyle(document.body).{name}.match(/\\d+/g).map(Number)")
        for name in ("color", "backgroundColor")
    )
    assert contrast(ink, paper) >= 7
    assert (
        page.evaluate("document.querySelector('#task-1 svg[role=img]').clientWidth")
        > 0.8 * width - 200
    )
    page.close()


def test_on_a_telephone_every_figure_of_every_model_is_on_the_screen(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    models = [f"hf/{'long-name-' * 6}{i}" for i in range(6)]
    groups = [
        estimate(m, value=1.0, low=0.9, high=1.0, group_by="sex", group=g)
        for m in models
        for g in ("female", "male")
    ]
    write_html(Result(estimates=(*map(estimate, models), *groups), run={"a": "b"}), path)
    page = browser.new_page(viewport={"width": 400, "height": 800})
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    outside = page.evaluate(
        """[...document.querySelectorAll('table:not(.detail) :is(.value, .interval, .spark, bdi)')]
        .filter(e => e.getBoundingClientRect().right > 400.5).length"""
    )
    assert outside == 0
    labels = page.evaluate(
        """[...document.querySelectorAll('.overview td')]
        .map(e => getComputedStyle(e, '::before').content)"""
    )
    assert [label.strip('"') for label in labels] == models
    assert page.locator(".sideways").first.is_visible()  # the cue of the one table that scrolls
    page.close()


@pytest.mark.parametrize("width", [400, 1100])
def test_a_point_at_the_end_of_a_small_drawing_is_not_clipped(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "report.html"
    ends = [
        estimate(value=value, low=value, high=value, group_by="sex", group=str(value))
        for value in (0.0, 1.0)
    ]
    write_html(Result(estimates=tuple(ends)), path)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    room = page.evaluate(
        """[...document.querySelectorAll('.spark circle')].map(e => {
            const point = e.getBoundingClientRect();
            const box = e.closest('.scroll').getBoundingClientRect();
            return Math.min(box.right - point.right, point.left - box.left);
        })"""
    )
    assert len(room) == 2
    assert min(room) >= 0
    page.close()


@pytest.mark.parametrize("width", [320, 400, 1100])
def test_the_profile_of_several_models_fits(browser: Browser, tmp_path: Path, width: int) -> None:
    path = tmp_path / "report.html"
    models = ("hf//data/models/llava-med-v1.5-mistral-7b", "openai/gpt-4o")
    sets = ("cares/iu-xray", "cares/ham10000")
    write_html(Result(estimates=tuple(e for m in models for e in cares(m, sets))), path)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """[...document.querySelectorAll('#profile :is(.value, .interval, .against, circle)')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 0.5).length"""
    )
    assert outside == 0
    assert page.locator("#profile .sweeps circle").count() == 14
    page.close()


def contrast(first: list[int], second: list[int]) -> float:
    """Contrast ratio of two sRGB colours (WCAG 2.2, relative luminance)."""
    bright, dark = sorted(map(_luminance, (first, second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: list[int]) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (part / 255 for part in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
