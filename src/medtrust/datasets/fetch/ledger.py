"""Keeping book of the images of a dataset while they come in."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from medtrust.datasets.fetch.folder import place, write_json
from medtrust.datasets.fetch.http import Failed
from medtrust.datasets.fetch.images import (
    FOLDER,
    Figure,
    Record,
    Records,
    check_figure,
    is_done,
)
from medtrust.datasets.fetch.report import FailedImage, FetchReport
from medtrust.datasets.fetch.source import Source
from medtrust.datasets.files import read_json
from medtrust.datasets.mediconfusion import read_pairs, read_sources
from medtrust.errors import InputError

LICENSES = f"{FOLDER}/licenses.json"

Progress = Callable[[int, int], None]
"""Called with the number of images dealt with, and of all images."""


class Ledger:
    """The images of a dataset while they come in, and the file that records them."""

    def __init__(self, root: Path, progress: Progress) -> None:
        self.root = root
        self._progress = progress
        self._pairs = read_pairs(root)
        self._figures = _figures(root)
        self._records = _read_records(root)
        self._failed: dict[int, str] = {}
        self._dealt_with = 0
        self._new = 0
        self._changed = False

    def missing(self) -> Iterator[Figure]:
        """Figures that must be asked for, those of one article together."""
        for figure in sorted(self._figures, key=lambda one: (one.article, one.local)):
            try:
                check_figure(figure)
                if not is_done(self.root, figure, self._records):
                    yield figure
                    continue
            except Failed as error:
                self._failed[figure.local] = str(error)
            self._count()

    def add(self, figure: Figure, outcome: tuple[Record, bool] | Failed) -> None:
        """Take note of a figure that came, or why it did not."""
        if isinstance(outcome, Failed):
            self._failed[figure.local] = str(outcome)
        else:
            record, new = outcome
            self._records[str(figure.local)] = msgspec.to_builtins(record)
            self._new += new
            self._changed = True
        self._count()

    def save(self) -> None:
        """Write what was recorded, with all entries that were there before."""
        if self._changed:
            write_json(self.root, LICENSES, self._records)

    def report(self, source: Source, fetched_files: int) -> FetchReport:
        """The outcome, once all figures are dealt with."""
        present = [one.local for one in self._figures if one.local not in self._failed]
        records = {local: self._records[str(local)] for local in sorted(present)}
        return FetchReport(
            dataset=source.name,
            folder=self.root,
            files=len(source.files),
            fetched_files=fetched_files,
            images=len(self._figures),
            fetched_images=self._new,
            failed=tuple(
                FailedImage(
                    local=one.local,
                    article=one.article,
                    file=one.file,
                    reason=self._failed[one.local],
                )
                for one in self._figures
                if one.local in self._failed
            ),
            licenses=Counter(str(record.get("license") or "") for record in records.values()),
            retracted=tuple(local for local, record in records.items() if record.get("retracted")),
            notes=tuple(
                f"image {local}: {record['note']}"
                for local, record in records.items()
                if record.get("note")
            ),
            pairs=len(self._pairs),
            lost_pairs=tuple(
                f"{source.name}:{number}"
                for number, pair in self._pairs.items()
                if not {pair.im_1_local, pair.im_2_local} <= set(present)
            ),
        )

    def _count(self) -> None:
        self._dealt_with += 1
        self._progress(self._dealt_with, len(self._figures))


def _figures(root: Path) -> list[Figure]:
    figures = [
        Figure(local=source.local, article=source.article, file=source.file_name)
        for source in read_sources(root).values()
    ]
    [(local, uses)] = Counter(one.local for one in figures).most_common(1) or [(0, 0)]
    if uses > 1:
        raise InputError(f"{root}: data/image_dict.json gives {uses} images the number {local}")
    return figures


def _read_records(root: Path) -> Records:
    path = place(root, LICENSES)
    return read_json(path, Records) if path.exists() else {}
