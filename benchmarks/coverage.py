"""How often intervals hold the truth, and how often tests find what is not there.

    python benchmarks/coverage.py [--runs 2000] [--data DIR]

Answers are drawn with a known rate and correlation on the benchmarks' own clusters, in two ways
(`tests/simulated.py`), and, with `--data`, real answers are drawn again by whole clusters. Each
line gives coverage with its Monte-Carlo error, the mean width, and how often CR2 took over.

- `known`: the correlation that the interval takes for granted is drawn within .05 of the true one.
- `declared`: it is the set's own (MediConfusion .12, others .10), where the true one is no higher.

Exits with 1 where a promise is missed by more than three Monte-Carlo errors: coverage below 93.5 %
(or over 99.5 % of the score interval alone, but for rates of at most 5 % or at least 95 %), a mean
width above 1.25 times that with the true correlation, or a test that finds more than 6.5 % where
there is nothing. CR2 may cover more: where one cluster moves the rate, it is wide by design.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path

import numpy as np
from msgspec.structs import replace

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from medtrust.metrics.calibration import CALIBRATION  # noqa: E402
from medtrust.metrics.clinical import CLINICAL  # noqa: E402
from medtrust.metrics.evidence import Rate, difference, rate  # noqa: E402
from medtrust.metrics.fairness import FAIRNESS  # noqa: E402
from medtrust.metrics.measure import measure  # noqa: E402
from medtrust.metrics.metric import Settings  # noqa: E402
from medtrust.metrics.mover import mean  # noqa: E402
from medtrust.metrics.pairs import PAIRS  # noqa: E402
from medtrust.metrics.verdict import Interval, bounds_of, finish, p_of  # noqa: E402
from medtrust.records import Estimate, Score  # noqa: E402
from metric_scores import mediconfusion, score  # noqa: E402 - it lies among the tests
from simulated import CLUSTERS, Way, answers, cluster_of, paired  # noqa: E402

LEAST, MOST, WIDEST, FALSE = 0.935, 0.995, 1.25, 0.065
RATES = (0.02, 0.05, 0.15, 0.25, 0.5, 0.75, 0.9, 0.98)
RHOS = (0.0, 0.05, 0.12, 0.25)
WAYS: tuple[Way, ...] = ("beta", "all-or-nothing")
FLOOR, NEAR = 0.05, 0.05
DECLARED = {"mediconfusion": 0.12}


@dataclass(slots=True)
class Tally:
    """What many simulated intervals came to."""

    runs: int = 0
    held: int = 0
    width: float = 0.0
    robust: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, low: float, high: float, truth: float, *, robust: bool = False) -> None:
        """Count one interval."""
        self.runs += 1
        self.held += low <= truth <= high
        self.width += high - low
        self.robust += robust

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        return self.held / self.runs

    @property
    def error(self) -> float:
        """Monte-Carlo error of the coverage."""
        return sqrt(max(self.coverage * (1 - self.coverage), 0.02 / self.runs) / self.runs)


FAILED: list[str] = []


def told(
    name: str, tally: Tally, *, least: float = LEAST, most: float = 1.0, ratio: float = 0.0
) -> None:
    """Print one line, and remember it where it breaks a promise."""
    bad = tally.coverage < least - 3 * tally.error or tally.coverage > most + 3 * tally.error
    bad |= ratio > WIDEST
    wide = f"  width {tally.width / tally.runs:.3f}" + (f" ({ratio:.2f})" if ratio else "")
    robust = f"  CR2 {tally.robust / tally.runs:4.0%}"
    mark = "  MISSED" if bad else ""
    print(f"{name:84} {100 * tally.coverage:5.1f} +- {100 * tally.error:.1f}{wide}{robust}{mark}")
    if bad:
        FAILED.append(name)


def found(name: str, hits: int, runs: int, most: float = FALSE) -> None:
    """Print how often something was found where there was nothing."""
    error = sqrt(most * (1 - most) / runs)
    bad = hits / runs > most + 3 * error
    print(f"{name:84} {100 * hits / runs:5.1f} +- {100 * error:.1f}{'  MISSED' if bad else ''}")
    if bad:
        FAILED.append(name)


def of_rates(generator: np.random.Generator, runs: int) -> None:
    """Rates: every set, way, correlation and rate; correlation known, and as declared."""
    for name, sizes in CLUSTERS.items():
        cluster, ones = cluster_of(sizes), np.ones(sum(sizes))
        for way in WAYS:
            for rho in RHOS if max(sizes) > 1 else (0.0,):
                for true in RATES:
                    known, best, declared, alone = Tally(), Tally(), Tally(), Tally()
                    set_rho = DECLARED.get(name, 0.10)
                    for _ in range(runs):
                        of = rate(answers(generator, sizes, true, rho, way), ones, cluster)
                        used = max(FLOOR, rho + generator.uniform(-NEAR, NEAR))
                        for tally, taken in (
                            (known, used),
                            (best, max(FLOOR, rho)),
                            (declared, set_rho),
                        ):
                            low, high, robust = bounds_of(of, taken)
                            tally.add(low, high, true, robust=robust)
                        low, high, _ = bounds_of(without_cr2(of), used)
                        alone.add(low, high, true)
                    most = 1.0 if min(true, 1 - true) <= 0.05 else MOST
                    about = f"rate, {name}, {way}, rho {rho:.2f}, {true:.0%}"
                    told(f"{about}, known", known, ratio=known.width / best.width)
                    told(f"{about}, known, score interval alone", alone, least=0, most=most)
                    if rho <= set_rho:
                        told(f"{about}, declared", declared)


def without_cr2(of: Rate) -> Rate:
    """The sums without the cluster-robust error, for the score interval alone."""
    return replace(of, design=replace(of.design, robust=None))


def of_differences(generator: np.random.Generator, runs: int) -> None:
    """Paired differences, near none and far from it, and the p-values of none."""
    for name, sizes in CLUSTERS.items():
        cluster, ones = cluster_of(sizes), np.ones(sum(sizes))
        for way in WAYS:
            for rho in (0.0, 0.1) if max(sizes) > 1 else (0.0,):
                for gained, lost in ((0.0, 0.003), (0.02, 0.02), (0.10, 0.02), (0.05, 0.25)):
                    tally, hits = Tally(), 0
                    for _ in range(runs):
                        of = difference(
                            paired(generator, sizes, gained, lost, rho, way), ones, cluster
                        )
                        low, high, robust = bounds_of(of, 0.1)
                        tally.add(low, high, gained - lost, robust=robust)
                        hits += p_of(of, 0.1, is_robust=robust) <= 0.05
                    about = f"{name}, {way}, rho {rho:.2f}, +{gained:g} -{lost:g}"
                    told(f"change, {about}", tally)
                    if gained == lost:
                        found(f"p-value of no change, {about}", hits, runs)


def of_means(generator: np.random.Generator, runs: int) -> None:
    """Means over the four sets, whose rates differ."""
    tally = Tally()
    true = (0.15, 0.4, 0.7, 0.05)
    for _ in range(runs):
        own = []
        for sizes, one in zip(CLUSTERS.values(), true, strict=True):
            of = rate(
                answers(generator, sizes, one, 0.1, "beta"), np.ones(sum(sizes)), cluster_of(sizes)
            )
            low, high, _ = bounds_of(of, 0.1)
            own.append(Interval(of.value, low, high))
        _, low_, high_, _ = mean(own)
        tally.add(low_ or 0.0, high_ or 0.0, sum(true) / 4)
    told("mean of four sets", tally)


def said(right: Sequence[float], **more: Sequence[object]) -> list[Score]:
    """Yes/no answers to as many patients."""
    return [
        score(
            f"s{n}", "yes", "yes" if one else "no", options=0,
            **{name: values[n] for name, values in more.items()},
        )
        for n, one in enumerate(right)
    ]  # fmt: skip


def of_one(scores: Sequence[Score], family: object, metric: str, **settings: int) -> Estimate:
    """The one ungrouped estimate of a metric, or that by sex where there is none."""
    every = [finish(one, 0.1) for one in measure(family, scores, Settings(**settings))]  # type: ignore[arg-type]
    own = [e for e in every if e.metric == metric]
    return next((e for e in own if e.group_by == "all"), own[0])


GROUPS = {
    "2 equal groups": ([100, 100], [0.5, 0.5]),
    "5 equal groups": ([40] * 5, [0.7] * 5),
    "10 equal groups": ([30] * 10, [0.9] * 10),
    "2 groups of .75 and .5": ([100, 100], [0.75, 0.5]),
    "2 groups that differ in size and spread": ([30, 300], [0.5, 0.95]),
    "4 groups of .9 to .4": ([60] * 4, [0.4, 0.7, 0.7, 0.9]),
}
"""Answers of each group, and the share of them that is right."""


def of_gaps(generator: np.random.Generator, runs: int) -> None:
    """The largest gap and the worst group, where groups are equal and where they are not."""
    runs = max(1, runs // 4)
    for name, (sizes, shares) in GROUPS.items():
        tallies = {"accuracy_gap": Tally(), "worst_group_accuracy": Tally()}
        truths = {"accuracy_gap": max(shares) - min(shares), "worst_group_accuracy": min(shares)}
        hits = 0
        place = np.repeat(np.arange(len(sizes)), sizes)
        for _ in range(runs):
            hit = generator.random(len(place)) < np.array(shares)[place]
            scores = said(hit.tolist(), groups=[{"sex": (f"g{one}",)} for one in place])
            for e in (finish(one, 0.1) for one in measure(FAIRNESS, scores, Settings())):
                if e.metric in tallies:
                    tallies[e.metric].add(e.low or 0.0, e.high or 0.0, truths[e.metric])
                    hits += e.metric == "accuracy_gap" and (e.p or 1) <= 0.05
        for metric, tally in tallies.items():
            told(f"{metric} of {name}", tally)
        if not truths["accuracy_gap"]:
            found(f"p-value of no gap between {name}", hits, runs)


def of_clinical(generator: np.random.Generator, runs: int) -> None:
    """Likelihood ratios and predictive values of a test with sensitivity .85, specificity .8."""
    truths = {"likelihood_ratio_positive": 4.25, "likelihood_ratio_negative": 0.1875}
    tallies = {name: Tally() for name in truths}
    for _ in range(runs // 4):
        yes = generator.random(300) < 0.25
        hit = generator.random(300) < np.where(yes, 0.85, 0.8)
        scores = [
            score(f"s{n}", target, reply, options=0)
            for n, (is_yes, right) in enumerate(zip(yes, hit, strict=True))
            for target in ["yes" if is_yes else "no"]
            for reply in [target if right else "no" if is_yes else "yes"]
        ]
        for name, tally in tallies.items():
            e = of_one(scores, CLINICAL, name)
            tally.add(e.low or 0.0, 1e9 if e.high is None else e.high, truths[name])
    for name, tally in tallies.items():
        told(name, tally)


def of_calibration(generator: np.random.Generator, runs: int) -> None:
    """The error of a model that is sure by .9 and right in .7, and of a calibrated one."""
    tally, hits, judged = Tally(), 0, 0
    for _ in range(runs // 4):
        hit = (generator.random(350) < 0.7).tolist()
        e = of_one(said(hit, confidence=[0.9] * 350), CALIBRATION, "ece", replicates=500)
        tally.add(e.low or 0.0, e.high or 0.0, 0.2)
        sure = 0.5 + generator.random(200) / 2
        calm = said((generator.random(200) < sure).tolist(), confidence=sure.tolist())
        hits += (of_one(calm, CALIBRATION, "ece", replicates=2).p or 1) <= 0.05
        idle = said((generator.random(200) < 0.7).tolist(), confidence=sure.tolist())
        judged += of_one(idle, CALIBRATION, "aurc", replicates=500).verdict in {"shown", "worse"}
    told("calibration error of .2", tally, least=0.91)
    found("p-value of a calibrated model", hits, runs // 4)
    found("AURC judged of a confidence that says nothing", judged, runs // 4)


def of_verdicts(generator: np.random.Generator, runs: int) -> None:
    """How often a model that guesses is called better, or worse, than chance."""
    sizes = CLUSTERS["mediconfusion"]
    cluster = cluster_of(sizes)
    better = worse = 0
    for _ in range(runs // 4):
        scores: list[Score] = []
        for n, own in enumerate(cluster):
            letters = generator.choice(["A", "B"], 2)
            scores += [
                score(
                    f"p{n}/{half}", "AB"[half], str(letters[half]), pair=f"p{n}", cluster=f"c{own}"
                )
                for half in (0, 1)
            ]
        verdicts = [
            finish(one, 0.12).verdict
            for one in measure(PAIRS, scores, Settings())
            if one.estimate.metric == "set_accuracy"
        ]
        better += verdicts == ["shown"]
        worse += verdicts == ["worse"]
    found("guesses called better than every baseline", better, runs // 4)
    found("guesses called worse than a baseline", worse, runs // 4)


def of_real(generator: np.random.Generator, runs: int, data: Path) -> None:
    """Real answers, whole clusters of them drawn again; the truth is the real run's own rate."""
    metrics = ("set_accuracy", "confusion", "individual_accuracy", "abstention")
    scores = mediconfusion(data, "corrected")
    own: dict[str, list[Score]] = {}
    for one in scores:
        own.setdefault(one.cluster, []).append(one)
    names = [*own]

    def counted(given: Sequence[Score]) -> dict[str, Estimate]:
        every = (finish(one, 0.12) for one in measure(PAIRS, given, Settings()))
        return {e.metric: e for e in every if e.group_by == "all"}

    truth = {name: e.value or 0.0 for name, e in counted(scores).items()}
    tallies = {name: Tally() for name in metrics}
    for _ in range(runs // 4):
        drawn = [
            change(one, copy)
            for copy, name in enumerate(generator.choice(names, len(names)))
            for one in own[str(name)]
        ]
        for name, e in counted(drawn).items():
            if name in tallies and e.low is not None and e.high is not None:
                tallies[name].add(e.low, e.high, truth[name], robust="CR2" in e.interval)
    for name, tally in tallies.items():
        told(f"real answers, {name}", tally)


def change(one: Score, copy: int) -> Score:
    """A score as that of another sample, pair and cluster, without groups."""
    return replace(
        one,
        sample=f"{copy}/{one.sample}",
        pair=f"{copy}/{one.pair}",
        cluster=f"{copy}/{one.cluster}",
        groups={},
    )


KINDS: Sequence[Callable[[np.random.Generator, int], None]] = (
    of_rates,
    of_differences,
    of_means,
    of_gaps,
    of_clinical,
    of_calibration,
    of_verdicts,
)


def main() -> int:
    """Simulate every kind; 1 where a promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--data", type=Path, help="folder of the real answers, if at hand")
    chosen = parser.parse_args()
    generator = np.random.default_rng(1)
    print(f"{'what':84} coverage, in per cent")
    for kind in KINDS:
        kind(generator, chosen.runs)
    if chosen.data:
        of_real(generator, chosen.runs, chosen.data)
    else:
        print("real answers: left out, as no --data names them")
    print(f"\n{len(FAILED)} promises missed" if FAILED else "\nevery promise is kept")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
