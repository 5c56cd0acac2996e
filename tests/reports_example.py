"""Estimates and results to report in tests: two models, both readings, groups, a control."""

import itertools

from hypothesis import strategies as st

from medtrust.records import Estimate, Outcome, Protocol, Score, Verdict
from medtrust.reports.meaning import meaning
from medtrust.reports.result import Result

MODELS = ("openai/gpt-4o", "hf/med-7b")
PROTOCOLS: tuple[Protocol, ...] = ("official", "corrected")


def estimate(
    model: str = MODELS[0],
    task: str = "mediconfusion/mc",
    dataset: str = "mediconfusion",
    metric: str = "set_accuracy",
    protocol: Protocol = "corrected",
    value: float | None = 0.17,
    *,
    low: float | None = 0.108,
    high: float | None = 0.235,
    n: int = 176,
    missing: int = 0,
    group_by: str = "all",
    group: str = "all",
    chance: float | None = None,
    constant: float | None = None,
    clusters: int = 58,
    verdict: Verdict | None = None,
) -> Estimate:
    """An estimate; its verdict is that of the interval against the baseline, unless given."""
    known = [x for x in (chance, constant) if x is not None]
    baseline = max(known, default=None)
    return Estimate(
        model=model,
        task=task,
        dataset=dataset,
        metric=metric,
        protocol=protocol,
        value=value,
        low=low,
        high=high,
        n=n,
        missing=missing,
        clusters=clusters,
        group_by=group_by,
        group=group,
        chance=chance,
        constant=constant,
        baseline=baseline,
        verdict=judged(metric, low, high, baseline, clusters) if verdict is None else verdict,
    )


def judged(
    metric: str, low: float | None, high: float | None, baseline: float | None, clusters: int = 99
) -> Verdict:
    """What an interval says of a baseline, for estimates that no answers stand behind."""
    direction = meaning(metric).direction
    if low is None or high is None or baseline is None or direction == "neither":
        return ""
    if clusters < 10:
        return "not measured"
    if low <= baseline <= high:
        return "not shown"
    return "shown" if (low > baseline) == (direction == "higher") else "worse"


def score(
    reply: str = "(A) Left atrium",
    protocol: Protocol = "corrected",
    outcome: Outcome = "choice",
    *,
    model: str = MODELS[0],
    sample: str = "mediconfusion:10012/1",
    value: float | None = 1.0,
    rule: str = "letter in brackets",
) -> Score:
    return Score(
        model=model,
        task="mediconfusion/mc",
        dataset="mediconfusion",
        sample=sample,
        protocol=protocol,
        outcome=outcome,
        target="A",
        cluster="c",
        choice="A" if outcome == "choice" else "",
        option="Left atrium" if outcome == "choice" else "",
        value=value,
        rule=rule,
        reply=reply,
    )


def estimates() -> tuple[Estimate, ...]:
    """Every kind of estimate that a report treats in its own way."""
    found = []
    for (m, model), protocol in itertools.product(enumerate(MODELS), PROTOCOLS):
        shift = 0.2 * m + (0.01 if protocol == "official" else 0.0)
        found += [
            estimate(
                model,
                metric="set_accuracy",
                protocol=protocol,
                value=0.17 + shift,
                low=0.108 + shift,
                high=0.235 + shift,
                chance=0.25,
                constant=0.0,
                missing=4 * m,
            ),
            estimate(
                model,
                metric="confusion",
                protocol=protocol,
                value=0.739 - shift,
                low=0.66 - shift,
                high=0.81 - shift,
                n=157,
                chance=0.5,
            ),
            estimate(
                model,
                metric="valid_pairs",
                protocol=protocol,
                value=157.0,
                low=150.0,
                high=163.0,
            ),
            estimate(
                model,
                metric="house_metric",
                protocol=protocol,
                value=0.4321,
                low=0.41,
                high=0.45,
            ),
            estimate(
                model,
                metric="precision",
                protocol=protocol,
                value=None,
                low=None,
                high=None,
                n=0,
            ),
        ]
        found += [
            estimate(
                model,
                protocol=protocol,
                value=0.3,
                low=0.1,
                high=0.6,
                n=20,
                chance=0.25,
                group_by=grouping,
                group=group,
            )
            for grouping in ("category", "category/any")
            for group in ("Cerebral", "Vascular")
        ]
    for model in MODELS:
        found += [
            estimate(
                model, metric="protocol_disagreement", value=12 / 352, low=0.01, high=0.06, n=352
            ),
            estimate(model, metric="ece", value=0.313, low=0.25, high=0.37, n=352),
            estimate(
                model,
                "control/option-swap:mediconfusion/mc",
                metric="swap_consistency",
                value=0.812,
                low=0.76,
                high=0.86,
                n=352,
            ),
        ]
    return tuple(found)


def result() -> Result:
    return Result(
        estimates=estimates(),
        run={"medtrust": "0.1.0", "settings": {"seed": 7, "generation": {"temperature": 0.0}}},
        notes=("12 answers missing: 10 timeouts",),
        examples=(
            score(),
            score(protocol="official", outcome="unparseable", value=0.0, rule="no valid token"),
        ),
    )


numbers = st.none() | st.floats(-1e6, 1e6, allow_nan=False)
names = st.text(max_size=30)

any_estimate = st.builds(
    Estimate,
    model=names,
    task=names,
    dataset=names,
    metric=names,
    protocol=st.sampled_from(PROTOCOLS),
    value=numbers,
    low=numbers,
    high=numbers,
    n=st.integers(0, 10**9),
    missing=st.integers(0, 10**9),
    clusters=st.integers(0, 10**9),
    group_by=st.just("all") | names,
    group=st.just("all") | names,
    baseline=numbers,
    chance=numbers,
    constant=numbers,
)
"""Anything the types allow, hostile names included."""
