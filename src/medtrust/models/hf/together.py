"""Requests that wait at the same time, answered with as little computed twice as possible.

Prompts about the same images begin alike, up to the end of the last image. That
beginning is run once, and its keys and values are kept for a while. What follows it in
each prompt, and in each option, becomes one tree of tokens, run in one pass. Options are
read from there; replies go on from there in batches. A prompt that cannot go this way,
or of a model that cannot, is answered by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial

import torch

from medtrust.errors import ModelError
from medtrust.models.hf.batch import Begun, Written, batchable, first_batch, write
from medtrust.models.hf.beginnings import Beginnings
from medtrust.models.hf.continuations import Cut
from medtrust.models.hf.generation import reply
from medtrust.models.hf.job import Job, Prepared
from medtrust.models.hf.loading import Checkpoint, one_line
from medtrust.models.hf.memory import spare
from medtrust.models.hf.options import compared
from medtrust.models.hf.pictures import Pictures, reading_once
from medtrust.models.hf.plain import answer, broken, prepare
from medtrust.models.hf.prefix import image_end
from medtrust.models.hf.proof import prove_scored, prove_written
from medtrust.models.hf.rows import Row, rows_of, run
from medtrust.models.hf.support import Unshareable, window_of
from medtrust.models.hf.tree import grow, packs

NODES = 2048
"""Tokens in one pass at most: each is masked for all others, so that more do not pay."""

ROWS = 64
"""Replies written at once at most."""

PROVEN_ROWS = 4
"""Replies written at once while all their logits are kept to be compared."""

Kind = tuple[bool, int, bool]
"""What is proven together: writing, or reading; behind so many images; several at once."""

Common = tuple[tuple[str, ...], tuple[int, ...]]
"""What prompts of a group have in common: images by digest, and their first tokens."""


class Together:
    """Answers requests in the calling thread; one thread at a time may call it."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.alone_because = ""
        """Why requests are answered one by one; empty where they are not."""
        self._checkpoint = reading_once(checkpoint)
        self._pictures = Pictures()
        self._beginnings = Beginnings(self._checkpoint)
        self._proven: set[Kind] = set()
        self._nodes, self._rows = NODES, ROWS
        self._window: int | None = None
        try:
            self._window = window_of(checkpoint.model)
        except Unshareable as reason:
            self.alone_because = str(reason)

    def answer(self, jobs: Sequence[Job]) -> None:
        """Settle every job, in an order of its own."""
        groups: defaultdict[Common, list[Prepared]] = defaultdict(list)
        alone: list[Prepared] = []
        for job in jobs:
            prepared = self._prepared(job)
            if prepared is not None:
                start = self._start(prepared)
                if start is None:
                    alone.append(prepared)
                else:
                    groups[prepared.images, prepared.tokens[:start]].append(prepared)
        waiting: list[Begun] = []
        for (_, first), group in groups.items():
            begun = self._attempt(group, partial(self._read, group, len(first)))
            waiting += begun
            going_on = {row.prepared for row in begun}
            alone += [p for p in group if p not in going_on and not p.job.done.done()]
            if sum({id(row.layers): row.held for row in waiting}.values()) > self._room():
                alone += self._write(waiting)
                waiting = []
        alone += self._write(waiting)
        if alone:
            # Whoever is answered alone may need the memory.
            self._beginnings.clear()
        for prepared in alone:
            prepared.job.settle(partial(answer, self._checkpoint, prepared))

    def _prepared(self, job: Job) -> Prepared | None:
        """The job as the model reads it; None where it was refused and is settled."""
        try:
            return prepare(self._checkpoint, job, self._pictures.of)
        except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
            job.done.set_exception(error)
            return None

    def _start(self, prepared: Prepared) -> int | None:
        """Where a prompt leaves its beginning, None for one that is to be answered alone."""
        length = len(prepared.tokens) - (prepared.answers.merged if prepared.answers else 0)
        if self.alone_because or (self._window is not None and prepared.longest > self._window):
            return None
        if not prepared.answers and not batchable(self._checkpoint, prepared.request.generation):
            return None
        try:
            start = image_end(self._checkpoint, prepared.tokens) if prepared.images else 0
        except Unshareable as reason:
            self.alone_because = str(reason)
            return None
        # Something must follow the beginning, and something must stand before a reply's
        # last token.
        return start if max(start, 1) < length else None

    def _read(self, group: Sequence[Prepared], start: int) -> list[Begun]:
        """Answer what is read from one pass; returns the replies that are to be written."""
        prefix = self._beginnings.of(group[0], start)
        waiting = {prepared: rows_of(prepared, start) for prepared in group}
        rows = [row for own in waiting.values() for row in own]
        read: dict[Row, torch.Tensor] = {}
        begun: list[Begun] = []
        while rows:
            numbers = next(packs([row.tokens for row in rows], self._nodes))
            pack = [rows[number] for number in numbers]
            try:
                found, more = run(self._checkpoint, prefix, pack)
            except torch.OutOfMemoryError:
                if len(pack) == 1:
                    raise
                self._nodes = len(grow([row.tokens for row in pack]).tokens) // 2
            else:
                read |= found
                begun += more
                rows = [row for row in rows if row not in set(pack)]
        # The last in the trees come first: a fault in what they see or where they stand shows
        # most in them, and who is compared first is proven.
        for prepared in sorted(group, key=lambda prepared: prepared.tokens, reverse=True):
            if prepared.answers is not None:
                log_probs = [read[row] for row in waiting[prepared]]
                self._compare(prepared, prepared.answers, log_probs, several=len(read) > 1)
        return begun

    def _compare(
        self,
        prepared: Prepared,
        answers: Cut,
        log_probs: Sequence[torch.Tensor],
        *,
        several: bool,
    ) -> None:
        try:
            response = compared(prepared.request, answers, log_probs)
        except ModelError as error:
            prepared.job.done.set_exception(error)
            return
        kind = _kind(prepared, several=several)
        if kind not in self._proven:
            prove_scored(self._checkpoint, prepared, response)
            self._proven.add(kind)
        prepared.job.done.set_result(prepared.finished(response))

    def _write(self, begun: Sequence[Begun]) -> list[Prepared]:
        """Answer with written replies; returns those that are to be answered alone."""
        left, alone = list(begun), list[Prepared]()
        while left:
            several = len(left) > 1
            kinds = {_kind(row.prepared, several=several) for row in left}
            most = self._rows if kinds <= self._proven else PROVEN_ROWS
            batch = first_batch(self._checkpoint, left, self._room(), most)
            members = [row.prepared for row in batch]
            self._attempt(members, partial(self._write_batch, batch))
            alone += [prepared for prepared in members if not prepared.job.done.done()]
            left = [row for row in left if row not in set(batch)]
        return alone

    def _write_batch(self, batch: Sequence[Begun]) -> list[Begun]:
        kinds = [_kind(row.prepared, several=len(batch) > 1) for row in batch]
        unproven = set(kinds) - self._proven
        try:
            replies = write(self._checkpoint, batch, logits=bool(unproven))
        except torch.OutOfMemoryError:
            if len(batch) == 1:
                raise
            replies = None
        if replies is None:
            # Outside of the handler, which holds on to what did not fit.
            torch.cuda.empty_cache()
            self._rows = len(batch) // 2
            return [
                *self._write_batch(batch[: self._rows]),
                *self._write_batch(batch[self._rows :]),
            ]
        # The shortest prompts come last: they are padded most.
        for row, kind, written in reversed(list(zip(batch, kinds, replies, strict=True))):
            if kind in unproven:
                prove_written(self._checkpoint, row.prepared, written)
                unproven.remove(kind)
                self._proven.add(kind)
        for row, written in zip(batch, replies, strict=True):
            self._reply(row.prepared, written)
        return []

    def _reply(self, prepared: Prepared, written: Written) -> None:
        request = prepared.request
        first = written.logits[0] if request.generation.logprobs else None
        try:
            response = reply(
                self._checkpoint, request, prepared.stem, prepared.inputs, written.tokens, first
            )
        except ModelError as error:
            prepared.job.done.set_exception(error)
        else:
            prepared.job.done.set_result(prepared.finished(response))

    def _attempt(
        self, prepared: Sequence[Prepared], work: Callable[[], list[Begun]]
    ) -> list[Begun]:
        """Do some work for several requests; where it fails they are left to be answered alone."""
        if self.alone_because:
            return []
        try:
            return work()
        except Unshareable as reason:
            self.alone_because = str(reason)
        except torch.OutOfMemoryError:
            torch.cuda.empty_cache()
        except torch.AcceleratorError as error:
            for one in prepared:
                if not one.job.done.done():
                    one.job.done.set_exception(broken(error))
        except (RuntimeError, ValueError, TypeError, LookupError, AttributeError) as error:
            # What has worked for others may fail for one; what never has is the model's doing.
            if any(self._proven.isdisjoint(_kinds(one)) for one in prepared):
                self.alone_because = one_line(error)
        return []

    def _room(self) -> int:
        """Bytes that replies' keys and values may take; as much is left to attention."""
        return spare(self._checkpoint.device) // 2


def _kind(prepared: Prepared, *, several: bool) -> Kind:
    return prepared.answers is None, len(prepared.images), several


def _kinds(prepared: Prepared) -> list[Kind]:
    return [_kind(prepared, several=several) for several in (False, True)]
