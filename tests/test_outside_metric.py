"""A metric and a scorer of another package are counted, titled, averaged and compared like ours."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from medtrust import registry
from medtrust.cli import main
from medtrust.metrics import catalogue

PROGRAM = '''
from functools import partial
from pathlib import Path

from medtrust.datasets.dataset import Card, Dataset, State
from medtrust.metrics.metric import Metric
from medtrust.records import Message, Reading, Request, Response, Sample
from medtrust.scorers.scorer import Scorer
from medtrust.tasks.task import Task


def load(name, folder):
    samples = [
        Sample(id=f"outer/{name}:{n}", dataset=f"outer/{name}", kind="yes-no",
               question=f"Is it {n}?", target="yes", cluster=f"{name}{n}",
               groups={"ward": ("north" if n % 2 else "south",)})
        for n in range(60)
    ]
    return Dataset(name=f"outer/{name}", title=name, license="none", access="open", digest=name,
                   samples=samples)


def card(name):
    return Card(name=f"outer/{name}", title=name, license="none", access="open", source="a test",
                load=partial(load, name),
                state=lambda _: State(samples=60, images=0, note="present"))


ONE, TWO = card("one"), card("two")


def ask(sample, prompt, words=""):
    text = sample.question + words
    return Request(sample=sample.id, question=text, kind="yes-no",
                   messages=(Message(role="user", parts=(text,)),))


def read(sample, responses, settings):
    """It knows nothing of endings, filters or limits."""
    said = responses[0].text
    return Reading(outcome="choice", choice="yes" if "yes" in said else "no",
                   value=float("yes" in said), details={"hedged": float("may" in said)})


SCORER = Scorer(name="hedging", official=read, corrected=read)

HEDGING = Metric(
    name="hedging",
    title="Hedging, as outer sees it",
    sentence="Share of replies that say may.",
    direction="lower",
    figure=lambda score: score.details.get("hedged"),
    change=Metric(
        name="hedging_added",
        title="Hedging added",
        sentence="How much more often it hedges.",
        direction="lower",
        unit="points",
        is_difference=True,
        figure=lambda score: score.details.get("hedged"),
    ),
)

PLAIN = Task(name="outer/ask", title="Ask", version=1, mode="generate", prompt="yes-no",
             needs=lambda sample: True, ask=ask, scorer="hedging", metrics=("hedging",))
PRESSED = Task(name="outer/press", title="Press", version=1, mode="generate", prompt="yes-no",
               needs=lambda sample: True, ask=partial(ask, words=" Be careful."),
               scorer="hedging", metrics=("hedging",), against="outer/ask")


class Model:
    modes = frozenset({"generate"})
    local = True
    by_name = False
    concurrency = 4

    def __init__(self, name):
        self.name = f"outer/{name}"
        self.identity = {"name": self.name}

    async def answer(self, request, images):
        number = int(request.sample.rpartition(":")[2])
        if number < 10:
            return Response(text="", finish="length")
        careful = "careful" in request.question and number % 2
        return Response(text="yes, it may be" if careful else "yes", finish="stop")

    async def close(self):
        pass


def connect(name, options):
    return Model(name)
'''

POINTS = """
[medtrust.datasets]
outer/one = outer_package:ONE
outer/two = outer_package:TWO
[medtrust.tasks]
outer/ask = outer_package:PLAIN
outer/press = outer_package:PRESSED
[medtrust.models]
outer = outer_package:connect
[medtrust.scorers]
hedging = outer_package:SCORER
[medtrust.metrics]
hedging = outer_package:HEDGING
"""


def forget() -> None:
    """Look at what is installed anew."""
    registry._installed.cache_clear()
    registry._points.cache_clear()
    catalogue.metrics.cache_clear()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    site = tmp_path / "site"
    information = site / "outer_package-1.0.dist-info"
    information.mkdir(parents=True)
    (site / "outer_package.py").write_text(PROGRAM)
    (information / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: outer-package\nVersion: 1\n"
    )
    (information / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(site)
    forget()
    yield
    forget()
    sys.modules.pop("outer_package", None)


@pytest.mark.usefixtures("installed")
def test_a_metric_and_a_scorer_of_another_package_are_like_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    code = main(
        ["run", "--model", "outer/m", "--task", "outer/*", "--dataset", "outer/*",
         "--primary", "outer/press:hedging_added", "--out", str(run), "--replicates", "100"]
    )  # fmt: skip
    assert code == 1  # answers are missing: empty replies that the limit cut
    capsys.readouterr()
    assert main(["report", str(run), "--json", "-"]) == 0
    rows = msgspec.json.decode(capsys.readouterr().out)["rows"]
    found = {
        (row["task"], row["dataset"], row["metric"], row["group"]): row
        for row in rows
        if row["protocol"] == "corrected"
    }
    counted = found["outer/press", "outer/one", "hedging", "all"]
    assert (counted["value"], counted["n"], counted["missing"]) == (0.5, 50, 10)
    assert (counted["worst"], counted["best"]) == pytest.approx((35 / 60, 25 / 60))
    assert counted["low"] < 0.5 < counted["high"]
    assert found["outer/press", "outer/one", "hedging", "north"]["value"] == 1
    mean = found["outer/press", "outer (mean of 2)", "hedging", "all"]
    assert (mean["value"], mean["n"]) == (0.5, 100)
    change = found["outer/press", "outer/one", "hedging_added", "all"]
    assert (change["value"], change["verdict"], change["correction"]) == (0.5, "worse", "holm")
    assert change["p_adjusted"] == pytest.approx(2 * change["p"])
    page = run / "report.html"
    assert "Hedging, as outer sees it" in page.read_text()
