"""Agreement between tasks and protocols; chance is that of readers with the same habits."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from medtrust.metrics.agreement import CONTROLS, agreement, agreement_metric, disagreement
from medtrust.metrics.verdict import finish
from medtrust.records import Estimate, Score
from metric_scores import score

REPEAT = CONTROLS["control/repeat"]


def agreed(base: list[Score], control: list[Score], name: str = "control/repeat") -> Estimate:
    return finish(agreement(base, control, agreement_metric(name)), 0.10)


def read_by(replies: str, **more: object) -> list[Score]:
    """What one reader says of the same questions, all of which A is right of."""
    return [score(f"s{n}", "A", reply, **more) for n, reply in enumerate(replies)]


def test_options_are_compared_by_their_text() -> None:
    """With the options swapped, the same option carries the other letter."""
    base = [score("a", "A", "A", option="artery"), score("b", "A", "A", option="vein")]
    swapped = [
        score("a", "B", "B", option="artery", task="control/option-swap"),
        score("b", "B", "A", option="artery", task="control/option-swap"),
    ]
    found = agreed(base, swapped, "control/option-swap")
    assert (found.metric, found.task) == ("swap_consistency", "control/option-swap")
    assert (found.value, found.n, found.missing) == (0.5, 2, 0)
    # The base always says A, the other as often either: half of it by chance.
    assert found.chance == 0.5


def test_agreement_joins_by_sample_and_repeats_are_one_question() -> None:
    base = [score("a", "A", "A", repeat=0), score("a", "A", "B", repeat=1)]
    control = [score("a", "A", "B", repeat=1), score("a", "A", "A", repeat=0)]
    found = agreed(base, control)
    assert (found.value, found.n) == (1, 1)


def test_agreement_leaves_refusals_out_and_counts_what_never_came() -> None:
    base = [score(name, "A", "A") for name in ("both", "refused", "failed", "not asked")]
    control = [
        score("both", "A", "A"),
        score("refused", "A", "abstention"),
        score("failed", "A", "error"),
    ]
    found = agreed(base, control)
    # What the control did not ask is no gap of it: it may be unable to ask everything.
    assert (found.value, found.n, found.missing) == (1, 1, 1)
    assert (found.worst, found.best) == (0.5, 1)


def test_a_refusal_beside_a_lost_answer_is_known_to_be_no_choice() -> None:
    base = [score("a", "A", "abstention"), score("b", "A", "A")]
    control = [score("a", "A", "error"), score("b", "A", "A")]
    found = agreed(base, control)
    assert (found.value, found.n, found.missing) == (1, 1, 0)


def test_free_texts_are_not_compared() -> None:
    texts = [score("a", "x", "x", choice="", option="")]
    assert agreed(texts, texts).n == 0


def test_agreement_over_nothing_has_no_value() -> None:
    found = agreed([], [score("a", "A", "A")])
    assert (found.value, found.low, found.n, found.missing) == (None, None, 0, 1)
    with pytest.raises(ValueError, match="no scores of the control"):
        agreement([score("a", "A", "A")], [], REPEAT)


def test_two_independent_readers_who_mostly_say_b_show_nothing() -> None:
    """Both say B of 95 %; they agree on 90.5 %, which was 'above chance' of a half."""
    one = "A" * 20 + "B" * 380
    other = "A" + "B" * 19 + "A" * 19 + "B" * 361
    found = agreed(read_by(one), read_by(other))
    assert found.value == found.chance == pytest.approx(0.905)
    assert found.verdict == "not shown"
    assert found.p == pytest.approx(1)


def test_chance_is_that_of_cohens_kappa() -> None:
    draws = np.random.default_rng(2)
    one, other = ("".join(draws.choice(list("ABC"), 80, p=[0.6, 0.3, 0.1])) for _ in range(2))
    found = agreed(read_by(one), read_by(other))
    assert found.value is not None
    assert found.chance is not None
    kappa = (found.value - found.chance) / (1 - found.chance)
    assert kappa == pytest.approx(cohen_kappa_score(list(one), list(other)))


def test_readers_who_know_of_each_other_are_told_from_chance() -> None:
    one = "A" * 20 + "B" * 380
    found = agreed(read_by(one), read_by("A" * 16 + "B" * 384))
    assert (found.verdict, found.n) == ("shown", 400)
    assert found.chance == pytest.approx(0.05 * 0.04 + 0.95 * 0.96)


@pytest.mark.parametrize("share", [0.5, 0.95])
def test_independent_readers_are_seldom_said_to_agree(share: float) -> None:
    """At most 6.5 % at the 5 % level, and as many as chance makes of that in 600 draws."""
    draws = np.random.default_rng(3)
    said, below = 0, 0
    for _ in range(600):
        one, other = (np.where(draws.random(300) < share, "B", "A") for _ in range(2))
        found = agreed(read_by("".join(one)), read_by("".join(other)))
        said += found.verdict in {"shown", "worse"}
        below += (found.p or 0) <= 0.05
    limit = stats.binom(600, 0.065).ppf(0.999)
    assert said <= below <= limit


def test_a_letter_that_is_always_said_agrees_with_nothing_when_the_options_change_places() -> None:
    base = [score(f"s{n}", "AB"[n % 2], "A", option=f"first{n}") for n in range(40)]
    swapped = [score(f"s{n}", "BA"[n % 2], "A", option=f"second{n}") for n in range(40)]
    found = agreed(base, swapped, "control/option-swap")
    assert (found.value, found.chance, found.verdict) == (0, 0, "not shown")


def test_a_control_of_another_package_gets_a_plain_metric() -> None:
    found = agreement_metric("control/mirror-image")
    assert found.name == "control/mirror-image_agreement"
    assert found.title == "Mirror image agreement"
    assert set(CONTROLS) == {
        f"control/{name}" for name in ("option-swap", "repeat", "text-only", "image-shuffle")
    }


def test_disagreement_between_protocols() -> None:
    corrected = [
        score("same", "A", "A"),
        score("only ours reads it", "A", "A"),
        score("another letter", "A", "A"),
        score("neither reads it", "A", "abstention"),
        score("failed", "A", "error"),
    ]
    readings = ["A", "unparseable", "B", "unparseable", "unparseable"]
    official = [
        replace(score(one.sample, "A", reading), protocol="official")
        for one, reading in zip(corrected, readings, strict=True)
    ]
    found = finish(disagreement(official, corrected), 0.10)
    assert (found.value, found.n, found.missing) == (0.5, 4, 1)
    assert found.protocol == "corrected"
    assert disagreement([], corrected).estimate.missing == 5
    with pytest.raises(ValueError, match="no corrected scores"):
        disagreement(official, [])
