"""Which plans of a run are scored together, and in how many processes."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from medtrust.pipeline.estimates import Name
from medtrust.pipeline.group import Group, Scored, Work, others, score_group
from medtrust.pipeline.workers import score_in_workers
from medtrust.runner.plan import Plan
from medtrust.runner.reader import Reader, opened

ENOUGH = 20_000
"""Answers from which on workers are started: each takes half a second of processor time to
start, which is then a tenth of its share or less."""


def groups_of(
    journal: Reader, plans: Mapping[int, Plan], apart: frozenset[Name]
) -> Sequence[Group]:
    """The plans with what each is set against, those of one model and dataset side by side."""
    first = {plan.name: plan.name for plan in plans.values()}

    def root(name: Name) -> Name:
        while first[name] != name:
            name = first[name]
        return name

    for name, plan in zip([*first], plans.values(), strict=True):
        for other in others(plan, apart):
            if other in first:
                first[root(other)] = root(name)
    members: dict[Name, list[int]] = {}
    for number, plan in plans.items():
        members.setdefault(root(plan.name), []).append(number)
    groups = [Group(plans=own, answers=journal.size(own)) for own in members.values()]
    sets = [*dict.fromkeys((plan.dataset, plan.name[0]) for plan in plans.values())]
    # Results on one dataset have as many clusters, and so share their replicates.
    return sorted(groups, key=lambda group: sets.index(_set_of(plans[group.plans[0]])))


def score_groups(
    plans: Mapping[int, Plan], groups: Sequence[Group], work: Work
) -> Iterator[Scored]:
    """Score every group, in workers where there is enough to do; plans come as they are ready."""
    workers = min(cores(), len(groups))
    if workers > 1 and sum(group.answers for group in groups) >= ENOUGH:
        yield from score_in_workers(groups, work, workers)
        return
    with opened(Path(work.journal)) as journal:
        for group in groups:
            yield from score_group(journal, plans, group, work)


def cores() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # systems that tie no process to processors
        return os.cpu_count() or 1


def _set_of(plan: Plan) -> tuple[str, str]:
    return (plan.dataset, plan.name[0])
