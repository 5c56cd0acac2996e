"""The command line: parses, calls one step, prints. Nothing else is decided here."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from medtrust import __version__
from medtrust.commands.arguments import (
    UNUSABLE,
    Parser,
    above_zero,
    extra_body,
    from_zero,
    positive,
    price,
    shard,
    share,
    temperature,
    whole,
)
from medtrust.commands.streams import discard, reopen_closed
from medtrust.errors import InputError, MedtrustError
from medtrust.reports.text import LINE, one_line

DONE, INTERRUPTED = 0, 130
"""Exit codes: all done; ended by Ctrl-C. UNUSABLE is for bad input."""

_DEFAULT = "(default: %(default)s)"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what goes wrong is one line on standard error."""
    reopen_closed()
    code = UNUSABLE
    try:
        code = _run_command(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has had enough; that is no error of ours.
        discard(sys.stdout)
        return DONE if code == UNUSABLE else code
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED)
    except MedtrustError as error:
        return _failed(str(error))
    except (MemoryError, ImportError) as error:
        if isinstance(error, ImportError) and "failed to map" not in str(error):
            raise
        return _failed(_NO_MEMORY)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else "cannot write the output: "
        return _failed(f"{where}{error.strerror or error}")
    return code


_NO_MEMORY = "there is not enough memory for this; close other programs, or use --limit"


def _failed(line: str, code: int = UNUSABLE) -> int:
    try:
        sys.stdout.flush()
    except OSError:
        discard(sys.stdout)
    print(f"medtrust: {one_line(line, LINE)}", file=sys.stderr)
    return code


def _run_command(argv: Sequence[str] | None) -> int:
    given = sys.argv[1:] if argv is None else argv
    for text in (*given, str(Path.cwd())):
        # Names go into JSON, SQLite and pages, which hold nothing else.
        if any("\ud800" <= one <= "\udfff" for one in text):
            raise InputError(f"{text!a} is no UTF-8 text; rename the file or folder")
    arguments = _parser().parse_args(given)
    # Before NumPy is imported: the tables here are small, and several threads of its linear
    # algebra, on cores that do other work, wait for each other most of the time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if arguments.command is None:
        _parser().print_help()
        return DONE
    # Each command is a module of its own, so that `--help` loads none of them.
    from importlib import import_module  # noqa: PLC0415 - as above

    code: int = import_module(f"medtrust.commands.{arguments.command}").main(arguments)
    return code


def _parser() -> Parser:
    parser = Parser(
        prog="medtrust",
        description="Measure how far a medical vision-language model can be trusted.",
        epilog="Exit codes: 0 done; 1 answers are missing, or a check did not pass; 2 unusable "
        "input; 130 interrupted.",
    )
    parser.add_argument("--version", action="version", version=f"medtrust {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add in (
        _demo,
        _datasets,
        _fetch,
        _lint,
        _run,
        _merge,
        _score,
        _sample,
        _report,
        _verify,
        _audit,
    ):
        add(commands)
    return parser


# argparse has no public name for what `add_subparsers` returns.
_Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001


def _demo(commands: _Commands) -> None:
    parser = commands.add_parser(
        "demo", help="the whole line on the phantom dataset, offline, ending with a report"
    )
    _out(parser, Path("demo"))


def _datasets(commands: _Commands) -> None:
    parser = commands.add_parser("datasets", help="what is known and present, licence and access")
    _data(parser)
    _json(parser)


def _fetch(commands: _Commands) -> None:
    parser = commands.add_parser("fetch", help="get a dataset: verified and resumable")
    parser.add_argument("name", metavar="NAME", help="see `medtrust datasets`")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="folder to put it in (default: data/NAME)"
    )
    parser.add_argument(
        "--questions-url", metavar="URL",
        help="where the question files are (default: where their authors put them)",
    )  # fmt: skip
    parser.add_argument(
        "--images-url", metavar="URL",
        help="where the image bucket is (default: PubMed Central's)",
    )  # fmt: skip
    parser.add_argument(
        "--parallel", type=positive, default=8, metavar="N", help=f"downloads at once {_DEFAULT}"
    )


def _lint(commands: _Commands) -> None:
    parser = commands.add_parser("lint", help="what is wrong with a dataset, row by row")
    parser.add_argument("name", metavar="NAME", help="see `medtrust datasets`")
    _data(parser)
    _json(parser)


def _run(commands: _Commands) -> None:
    parser = commands.add_parser("run", help="ask models, score, report; run it again to resume")
    parser.add_argument(
        "--model", nargs="+", action="extend", required=True, metavar="M",
        help="BACKEND/NAME: openai/gpt-4o, hf/PATH, replay/FILE, builtin/random, ...",
    )  # fmt: skip
    parser.add_argument(
        "--task", nargs="+", action="extend", required=True, metavar="GLOB",
        help="mediconfusion/mc, 'mediconfusion/*', control/text-only[:TASK], ...",
    )  # fmt: skip
    parser.add_argument(
        "--dataset", nargs="+", action="extend", default=[], metavar="GLOB",
        help="what to ask about (default: the task's own benchmark)",
    )  # fmt: skip
    _data(parser)
    _out(parser, Path("run"))
    _errata(parser)
    parser.add_argument(
        "--prompts", default="default", metavar="FAMILY",
        help="the dataset's wording for a family of models (default: the family `%(default)s`)",
    )  # fmt: skip
    parser.add_argument(
        "--repeats", type=positive, default=1, metavar="K",
        help=f"times to ask each question {_DEFAULT}",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=positive, metavar="N",
        help="at most N samples a task, whole pairs only (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--primary", nargs="+", action="extend", default=[], metavar="TASK:METRIC",
        help="figures that this run is about, written down before the first request "
        "(default: those that the report opens with)",
    )  # fmt: skip
    _allow_remote(parser)
    _model(parser)
    _pace(parser)
    _machines(parser)
    _reading(parser)


def _model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the model")
    group.add_argument(
        "--base-url", default="", metavar="URL",
        help="an OpenAI-compatible server (default: the backend's own)",
    )  # fmt: skip
    group.add_argument(
        "--timeout", type=above_zero, default=120.0, metavar="S",
        help=f"seconds for one answer {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--no-logprobs", action="store_true",
        help="never ask a server for log-probabilities (default: ask, and do without where it "
        "gives none)",
    )  # fmt: skip
    group.add_argument(
        "--extra-body", type=extra_body, default={}, metavar="JSON",
        help="what a server is told with every request beside our own fields, as an object; it "
        "is written into the run, so no secrets (default: nothing)",
    )  # fmt: skip
    group.add_argument(
        "--image-transport", choices=("data", "file", "url"), default="data",
        help="how a server gets images: in the request, as a file it can read, "
        f"or by an address {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--image-base", default="", metavar="URL",
        help="where the server sees the folder of --data (default for files: where it is here)",
    )  # fmt: skip
    group.add_argument(
        "--device", default="auto", help=f"for hf/: auto, cpu, cuda, cuda:1 {_DEFAULT}"
    )
    group.add_argument(
        "--dtype", default="auto", help=f"for hf/: auto, float32, bfloat16, float16 {_DEFAULT}"
    )
    group.add_argument(
        "--revision", default="", help="for hf/: commit or tag on the hub (default: the newest)"
    )
    group.add_argument(
        "--max-tokens", type=positive, metavar="N",
        help="longest reply, in tokens (default: the task's)",
    )  # fmt: skip
    group.add_argument(
        "--temperature", type=temperature, metavar="T",
        help="from 0 to 2, or `server` for the server's own (default: the task's)",
    )  # fmt: skip
    group.add_argument(
        "--seed", type=whole, metavar="S",
        help="sampling seed, where a model takes one (default: none is sent)",
    )  # fmt: skip


def _pace(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("pace and cost")
    group.add_argument(
        "--concurrency", type=positive, default=0, metavar="N",
        help="requests open at once (default: the model's own, 64 for servers)",
    )  # fmt: skip
    group.add_argument(
        "--attempts", type=positive, default=8, metavar="N",
        help=f"times to ask before failing {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--stall", type=above_zero, default=120.0, metavar="S",
        help=f"seconds without an answer before an alarm {_DEFAULT}",
    )  # fmt: skip
    group.add_argument("--dry-run", action="store_true", help="say what would be sent, and stop")
    group.add_argument(
        "--budget", type=above_zero, metavar="X", help="stop once X is spent (default: no budget)"
    )
    group.add_argument(
        "--price", type=price, default=(0.0, 0.0), metavar="IN,OUT",
        help="cost of a million prompt tokens and of a million reply tokens (default: 0,0)",
    )  # fmt: skip


def _machines(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("machines")
    group.add_argument(
        "--on", choices=("local", "ray"), default="local",
        help="ask in this process, or by replicas of the model on the Ray cluster that `ray start` "
        f"or RAY_ADDRESS names, or else on one of this machine alone {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--replicas", type=positive, default=0, metavar="N",
        help="at most N (default: as many as there is room for, also when the cluster grows)",
    )  # fmt: skip
    group.add_argument(
        "--gpus-per-replica", type=from_zero, default=0.0, metavar="X",
        help="GPUs of each; a fraction shares one (default: none)",
    )  # fmt: skip
    group.add_argument(
        "--shard", type=shard, default="1/1", metavar="I/N",
        help="ask the I-th of N parts only, in an --out of its own; `medtrust merge` joins them "
        "(default: all questions)",
    )  # fmt: skip
    group.add_argument(
        "--shared", default="", metavar="DIR-or-URL",
        help="where replicas leave answers, seen by all machines (default: a folder in --out)",
    )  # fmt: skip


def _merge(commands: _Commands) -> None:
    parser = commands.add_parser(
        "merge", help="join the answers of several runs, such as the shards of one"
    )
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a run")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR",
        help="folder of the joined run: a new one, or one to add to",
    )  # fmt: skip


def _score(commands: _Commands) -> None:
    parser = commands.add_parser("score", help="read answers again, or answers made elsewhere")
    parser.add_argument("run", nargs="?", type=Path, metavar="RUN", help="folder of a run")
    parser.add_argument("--dataset", metavar="NAME", help="with --predictions")
    parser.add_argument("--task", metavar="T", help="with --predictions")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="answers made elsewhere")
    parser.add_argument(
        "--labelled", type=Path, metavar="FILE",
        help="a sheet of `medtrust sample` with labels, for rates that hold however badly replies "
        "are read (default: none)",
    )  # fmt: skip
    _errata(parser)
    _allow_remote(parser)
    _data(parser)
    _reading(parser)
    _json(parser)


def _sample(commands: _Commands) -> None:
    parser = commands.add_parser("sample", help="a sheet of replies for people to label")
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run")
    parser.add_argument("--n", type=positive, default=100, metavar="N", help=f"rows {_DEFAULT}")
    parser.add_argument("--seed", type=whole, default=0, metavar="S", help=f"chance {_DEFAULT}")
    for kind in ("task", "model"):
        parser.add_argument(
            f"--{kind}", nargs="+", action="extend", default=[], metavar="GLOB",
            help=f"draw from these {kind}s only (default: all)",
        )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="a new file (default: to-label.csv in RUN)"
    )


def _report(commands: _Commands) -> None:
    parser = commands.add_parser(
        "report", help="show results; write a page or tables",
        epilog="Without any of these files the results are shown as tables.",
    )  # fmt: skip
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folder of a run")
    for kind in ("html", "csv", "latex", "parquet"):
        parser.add_argument(f"--{kind}", type=Path, metavar="FILE", help=f"write {kind} to it")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write json to it; `-` prints it instead"
    )


def _verify(commands: _Commands) -> None:
    parser = commands.add_parser(
        "verify", help="are a run's files as they were written?",
        epilog="The code is 0 where they are, and 1 where one differs, is missing or has come.",
    )  # fmt: skip
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a run")


def _audit(commands: _Commands) -> None:
    parser = commands.add_parser(
        "audit", help="are printed figures possible?",
        epilog="The code is 0 whether or not anything is found, as with lint; --json lists it.",
    )  # fmt: skip
    parser.add_argument(
        "table", nargs="?", type=Path, metavar="TABLE.csv",
        help="a table of figures, or results.csv; see docs/audit.md",
    )  # fmt: skip
    parser.add_argument(
        "--published", action="store_true", help="the published tables of the benchmarks"
    )
    _json(parser)


def _out(parser: argparse.ArgumentParser, default: Path) -> None:
    parser.add_argument(
        "--out", type=Path, default=default, metavar="DIR", help=f"folder for the run {_DEFAULT}"
    )


def _errata(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--errata", nargs="+", action="extend", default=[], metavar="NAME",
        help="lists of items to leave out (default: none)",
    )  # fmt: skip


def _allow_remote(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--allow-remote", nargs="+", action="extend", default=[], metavar="DATASET",
        help="credentialed datasets that may leave this machine (default: none)",
    )  # fmt: skip


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of the dataset, or of several"
    )


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help='print {"rows": [...]}')


def _reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scoring")
    group.add_argument(
        "--judge", metavar="M", help="model that judges free-form replies (default: none)"
    )
    group.add_argument(
        "--judge-base-url", default="", metavar="URL",
        help="the judge's server (default: its backend's own)",
    )  # fmt: skip
    group.add_argument(
        "--judge-samples", type=positive, default=1, metavar="K",
        help=f"judgements of a reply in each order of the options {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--judge-temperature", type=temperature, default=0.0, metavar="T",
        help=f"the judge's temperature, or `server` for the server's own {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--judge-max-tokens", type=positive, metavar="N",
        help="longest judgement, in tokens; a judge that thinks first needs more "
        "(default: room for an explanation)",
    )  # fmt: skip
    group.add_argument(
        "--marks", choices=("relative", "absolute"), default="relative",
        help="what an open answer is worth: the judge's mark of it over its mark of the "
        f"reference, or its mark alone {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--toxicity", metavar="M",
        help="who says how toxic replies are: toxicity/words (a weak default), "
        "toxicity/hf/PATH, toxicity/detoxify, toxicity/moderation/NAME, toxicity/perspective",
    )  # fmt: skip
    group.add_argument(
        "--toxicity-base-url", default="", metavar="URL",
        help="the moderation server (default: its backend's own)",
    )  # fmt: skip
    group.add_argument(
        "--read-with", metavar="M",
        help="model that reads whether replies decline and are sure, or `rules` to go back to "
        "them (default: rules, or who has read them before)",
    )  # fmt: skip
    group.add_argument(
        "--read-with-base-url", default="", metavar="URL",
        help="that model's server (default: its backend's own)",
    )  # fmt: skip
    group.add_argument(
        "--threshold", type=from_zero, metavar="X",
        help="points a judge must prefer an option by (default: 0; 3 in the official reading)",
    )  # fmt: skip
    group.add_argument(
        "--prevalence", type=share, metavar="X",
        help="share of the positive class to give predictive values for (default: the set's own)",
    )  # fmt: skip
    group.add_argument(
        "--costs", type=Path, metavar="FILE",
        help="errors.toml: the cost of each kind of error, for the expected cost (default: none)",
    )  # fmt: skip
    group.add_argument(
        "--replicates", type=positive, default=10_000, metavar="N",
        help=f"draws of the bootstrap and of group labels {_DEFAULT}",
    )  # fmt: skip
    group.add_argument(
        "--bootstrap-seed", type=whole, default=0, metavar="S",
        help=f"seed of those draws {_DEFAULT}",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
