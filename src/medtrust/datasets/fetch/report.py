"""What came, what did not and why, and what that means for a result."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedImage:
    """An image that is not there after a fetch."""

    local: int
    """Upstream's number of the image, which is also its file's name here."""
    article: str
    file: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchReport:
    """The outcome of one fetch. Counts are of the state after it, but for `fetched_*`."""

    dataset: str
    folder: Path
    files: int
    """Question files, all of them there and verified."""
    fetched_files: int
    images: int
    """Images that the dataset asks for."""
    fetched_images: int
    failed: tuple[FailedImage, ...]
    licenses: Mapping[str, int] = field(default_factory=dict)
    """Licence -> number of images present under it; empty where none is stated."""
    retracted: tuple[int, ...] = ()
    """Images present whose article has been retracted."""
    notes: tuple[str, ...] = ()
    pairs: int
    lost_pairs: tuple[str, ...]
    """Pairs that cannot be asked, because at least one of their images is missing."""

    @property
    def complete(self) -> bool:
        """Whether every image is there and verified."""
        return not self.failed


def set_accuracy_bounds(measured: float, *, lost: int, pairs: int) -> tuple[float, float]:
    """Where set accuracy over all pairs lies, given its value over those that could be asked.

    With k of n pairs lost and s measured over the other n - k: all k wrong gives
    s(n-k)/n, all k right gives (s(n-k)+k)/n. The width is k/n whatever s is.
    """
    right = measured * (pairs - lost)
    return right / pairs, (right + lost) / pairs


def summary_lines(report: FetchReport) -> list[str]:
    """The report for a terminal, one fact a line."""
    present = report.images - len(report.failed)
    asked = report.pairs - len(report.lost_pairs)
    lines = [
        f"{report.dataset} in {report.folder}",
        f"question files: {report.files} verified, {report.fetched_files} of them new",
        f"images: {present} of {report.images} verified, {report.fetched_images} of them new",
        f"pairs that can be asked: {asked} of {report.pairs}",
    ]
    if report.licenses:
        counts = sorted(report.licenses.items(), key=lambda item: (-item[1], item[0]))
        lines.append(
            "image licences: " + ", ".join(f"{name or 'not stated'} {n}" for name, n in counts)
        )
    if report.retracted:
        lines.append(
            "images of retracted articles: " + ", ".join(str(local) for local in report.retracted)
        )
    lines += [f"note: {note}" for note in report.notes]
    lines += _missing(report.failed)
    if report.lost_pairs:
        lines.append("pairs that cannot be asked: " + ", ".join(report.lost_pairs))
        lines.append(_bounds_in_words(len(report.lost_pairs), report.pairs))
    return lines


def _missing(failed: Iterable[FailedImage]) -> Iterator[str]:
    """One line a reason; what one reason takes away is listed by number."""
    by_reason: dict[str, list[FailedImage]] = {}
    for image in failed:
        by_reason.setdefault(image.reason, []).append(image)
    for reason, images in by_reason.items():
        if len(images) == 1:
            [image] = images
            what = f"image {image.local} ({image.file} of {image.article or 'no article'})"
        else:
            what = f"{len(images)} images ({', '.join(str(image.local) for image in images)})"
        yield f"missing: {what}: {reason}"


def _bounds_in_words(lost: int, pairs: int) -> str:
    return (
        f"set accuracy over all {pairs} pairs stays unknown by {100 * lost / pairs:.2f} points: "
        f"with s measured over the {pairs - lost} pairs that can be asked, it lies between "
        f"s x {pairs - lost}/{pairs} (all lost pairs wrong) and "
        f"s x {pairs - lost}/{pairs} + {lost}/{pairs} (all lost pairs right)"
    )
