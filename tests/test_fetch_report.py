"""What a fetch report says, and what missing pairs do to a result."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.datasets.fetch import FailedImage, FetchReport, set_accuracy_bounds, summary_lines


def report(*failed: FailedImage, lost: tuple[str, ...] = ()) -> FetchReport:
    return FetchReport(
        dataset="mediconfusion",
        folder=Path("data"),
        files=7,
        fetched_files=7,
        images=228,
        fetched_images=3,
        failed=failed,
        licenses={"CC BY": 77, "": 3, "CC BY-NC": 147},
        retracted=(20007,),
        notes=("image 20115: two versions",),
        pairs=176,
        lost_pairs=lost,
    )


@given(pairs=st.integers(1, 300), data=st.data())
def test_the_bounds_hold_whatever_the_lost_pairs_would_have_given(
    pairs: int, data: st.DataObject
) -> None:
    lost = data.draw(st.integers(0, pairs - 1))
    right = data.draw(st.integers(0, pairs - lost))
    lost_right = data.draw(st.integers(0, lost))
    low, high = set_accuracy_bounds(right / (pairs - lost), lost=lost, pairs=pairs)
    assert low - 1e-12 <= (right + lost_right) / pairs <= high + 1e-12
    assert high - low == pytest.approx(lost / pairs)


def test_the_summary_of_a_complete_fetch() -> None:
    assert report().complete
    assert summary_lines(report()) == [
        "mediconfusion in data",
        "question files: 7 verified, 7 of them new",
        "images: 228 of 228 verified, 3 of them new",
        "pairs that can be asked: 176 of 176",
        "image licences: CC BY-NC 147, CC BY 77, not stated 3",
        "images of retracted articles: 20007",
        "note: image 20115: two versions",
    ]


def test_the_summary_of_a_partial_fetch_names_reasons_pairs_and_bounds() -> None:
    failed = FailedImage(local=20115, article="PMC3094658", file="x.jpg", reason="HTTP 404")
    partial = report(failed, lost=("mediconfusion:10137",))
    assert not partial.complete
    assert "pairs that can be asked: 175 of 176" in summary_lines(partial)
    assert summary_lines(partial)[-3:] == [
        "missing: image 20115 (x.jpg of PMC3094658): HTTP 404",
        "pairs that cannot be asked: mediconfusion:10137",
        (
            "set accuracy over all 176 pairs stays unknown by 0.57 points: with s measured over "
            "the 175 pairs that can be asked, it lies between s x 175/176 (all lost pairs wrong) "
            "and s x 175/176 + 1/176 (all lost pairs right)"
        ),
    ]


def test_one_reason_for_many_images_is_one_line() -> None:
    failed = [
        FailedImage(local=local, article=f"PMC{local}", file="x.jpg", reason="no answer")
        for local in (20001, 20002)
    ]
    assert "missing: 2 images (20001, 20002): no answer" in summary_lines(report(*failed))
