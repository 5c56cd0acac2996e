"""Which published figures come to stand beside a result."""

from msgspec.structs import replace

from medtrust.audit.table import Finding
from medtrust.pipeline.published import beside
from reports_example import estimate

FACTUALITY = estimate("m", "cares/factuality", "cares/iu-xray", "factuality", "official")
NOISE = estimate("m", "cares/robustness-noise-official", "cares/iu-xray", "factuality", "official")


def test_the_six_models_of_the_paper_stand_beside_the_official_figure() -> None:
    found = {one.model: one.value for one in beside([FACTUALITY])}
    assert len(found) == 6
    assert found["LLaVA-Med"] == 0.6661
    assert found["MedVInT"] == 0.7334


def test_a_corrected_figure_or_a_group_has_none() -> None:
    assert beside([replace(FACTUALITY, protocol="corrected")]) == ()
    assert beside([replace(FACTUALITY, group_by="sex", group="female")]) == ()
    assert beside([replace(FACTUALITY, dataset="phantom")]) == ()


def test_a_mean_over_other_datasets_is_not_compared() -> None:
    mean = replace(NOISE, dataset="cares (mean of 2)")
    same = [NOISE, replace(NOISE, dataset="cares/ol3i"), mean]
    other = [NOISE, replace(NOISE, dataset="cares/ham10000"), mean]
    assert "cares (mean of 2)" in {one.dataset for one in beside(same)}
    assert {one.dataset for one in beside(other)} == {"cares/iu-xray"}


def test_what_an_audit_found_goes_with_the_figure_it_is_about() -> None:
    wrong = Finding(
        table="CARES Table 15", row="IU-Xray", column="RadFM", value="26.67", finding="impossible"
    )
    found = {one.model: one.finding for one in beside([FACTUALITY], [wrong])}
    assert found.pop("RadFM") == "impossible"
    assert set(found.values()) == {""}


def test_each_figure_of_a_cell_that_holds_several_is_its_own() -> None:
    task, dataset = "cares/uncertainty", "cares/ham10000"
    both = [
        estimate("m", task, dataset, metric, "official")
        for metric in ("uncertainty_accuracy", "overconfident")
    ]
    found = {one.metric: one.value for one in beside(both) if one.model == "LLaVA-Med"}
    assert found == {"uncertainty_accuracy": 0.7326, "overconfident": 0.0639}
