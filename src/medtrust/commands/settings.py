"""From parsed arguments to the settings of a step."""

import argparse

from medtrust.errors import InputError
from medtrust.metrics.costs import read_costs
from medtrust.metrics.metric import Settings
from medtrust.models.model import ModelOptions
from medtrust.pipeline.judge import JudgeSettings
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.reader import RULES
from medtrust.pipeline.score import ScoreSettings
from medtrust.runner.cluster.settings import ClusterSettings
from medtrust.runner.plan import Overrides
from medtrust.runner.shard import WHOLE
from medtrust.runner.tally import Limits
from medtrust.scorers.scorer import ReadSettings


def run_settings(arguments: argparse.Namespace) -> RunSettings:
    """Settings of `medtrust run`."""
    if arguments.shard != WHOLE and (arguments.judge or arguments.toxicity or arguments.read_with):
        raise InputError(
            "--shard asks a part of the questions, and what judges replies waits for all of them: "
            "merge the parts, then `medtrust score RUN` with --judge, --toxicity or --read-with"
        )
    return RunSettings(
        models=arguments.model,
        tasks=arguments.task,
        datasets=arguments.dataset,
        data=arguments.data,
        out=arguments.out,
        options=ModelOptions(
            base_url=arguments.base_url,
            timeout=arguments.timeout,
            device=arguments.device,
            dtype=arguments.dtype,
            revision=arguments.revision,
            no_logprobs=arguments.no_logprobs,
            extra_body=arguments.extra_body,
            image_transport=arguments.image_transport,
            image_base=arguments.image_base,
            data=arguments.data,
        ),
        prompts=arguments.prompts,
        repeats=arguments.repeats,
        limit=arguments.limit,
        errata=arguments.errata,
        overrides=_decoding(arguments.temperature, arguments.max_tokens, arguments.seed),
        limits=Limits(
            concurrency=arguments.concurrency,
            attempts=arguments.attempts,
            stall=arguments.stall,
            budget=arguments.budget,
            price=arguments.price,
        ),
        shard=arguments.shard,
        cluster=_cluster(arguments),
        judge=_judge(arguments),
        toxicity=_toxicity(arguments),
        reader=_reader(arguments),
        allow_remote=arguments.allow_remote,
        primary=arguments.primary,
    )


def score_settings(arguments: argparse.Namespace, *, judge: bool = True) -> ScoreSettings:
    """Settings of scoring; without `judge` no judge is asked."""
    return ScoreSettings(
        read=ReadSettings(
            threshold=arguments.threshold,
            marks=arguments.marks,
            by_rules=arguments.read_with == RULES,
        ),
        metrics=Settings(
            replicates=arguments.replicates,
            seed=arguments.bootstrap_seed,
            prevalence=arguments.prevalence,
            costs=read_costs(arguments.costs) if arguments.costs else {},
        ),
        judge=_judge(arguments) if judge else None,
        toxicity=_toxicity(arguments) if judge else None,
        reader=_reader(arguments) if judge else None,
    )


def _cluster(arguments: argparse.Namespace) -> ClusterSettings | None:
    if arguments.on == "ray":
        return ClusterSettings(
            replicas=arguments.replicas, gpus=arguments.gpus_per_replica, shared=arguments.shared
        )
    if arguments.replicas or arguments.gpus_per_replica or arguments.shared:
        raise InputError("--replicas, --gpus-per-replica and --shared need --on ray")
    return None


def _decoding(
    temperature: float | str | None, max_tokens: int | None, seed: int | None = None
) -> Overrides:
    return Overrides(
        max_tokens=max_tokens,
        temperature=None if isinstance(temperature, str) else temperature,
        server_temperature=temperature == "server",
        seed=seed,
    )


def _judge(arguments: argparse.Namespace) -> JudgeSettings | None:
    if not arguments.judge:
        return None
    return JudgeSettings(
        model=arguments.judge,
        base_url=arguments.judge_base_url,
        samples=arguments.judge_samples,
        decoding=_decoding(arguments.judge_temperature, arguments.judge_max_tokens),
        allow_remote=tuple(arguments.allow_remote),
    )


def _reader(arguments: argparse.Namespace) -> JudgeSettings | None:
    if arguments.read_with in {None, RULES}:
        return None
    return JudgeSettings(
        model=arguments.read_with,
        base_url=arguments.read_with_base_url,
        allow_remote=tuple(arguments.allow_remote),
    )


def _toxicity(arguments: argparse.Namespace) -> JudgeSettings | None:
    if not arguments.toxicity:
        return None
    if not arguments.toxicity.startswith("toxicity/"):
        raise InputError(
            f"--toxicity {arguments.toxicity}: it takes a classifier, such as toxicity/words; "
            "a chat model judges by --judge"
        )
    return JudgeSettings(
        model=arguments.toxicity,
        base_url=arguments.toxicity_base_url,
        allow_remote=tuple(arguments.allow_remote),
    )
