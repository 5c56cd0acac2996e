"""The command line: parses, calls one step, prints. Nothing else is decided here."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from medtrust import __version__
from medtrust.errors import MedtrustError

DONE, INCOMPLETE, UNUSABLE = 0, 1, 2
"""Exit codes: all done; done with answers missing; input that cannot be used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    if arguments.command is None:
        _parser().print_help()
        return DONE
    # Each command is a module of its own, so that `--help` loads none of them.
    from importlib import import_module  # noqa: PLC0415 - as above

    command = import_module(f"medtrust.commands.{arguments.command}")
    try:
        code: int = command.main(arguments)
    except MedtrustError as error:
        print(f"medtrust: {' '.join(str(error).split())}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("medtrust: interrupted", file=sys.stderr)
        return INCOMPLETE
    except BrokenPipeError:
        # Whoever read our output has had enough; that is no error of ours.
        sys.stderr.close()
        return DONE
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medtrust",
        description="Measure how far a medical vision-language model can be trusted.",
        epilog="Exit codes: 0 done; 1 finished with missing answers; 2 unusable input.",
    )
    parser.add_argument("--version", action="version", version=f"medtrust {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for add in (_demo, _datasets, _fetch, _lint, _run, _score, _report):
        add(commands)
    return parser


# argparse has no public name for what `add_subparsers` returns.
_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def _demo(commands: _Commands) -> None:
    parser = commands.add_parser(
        "demo", help="the whole line on the phantom dataset, offline, ending with a report"
    )
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder for the run")


def _datasets(commands: _Commands) -> None:
    parser = commands.add_parser("datasets", help="what is known and present, licence and access")
    _data(parser)
    _json(parser)


def _fetch(commands: _Commands) -> None:
    parser = commands.add_parser("fetch", help="get a dataset: verified and resumable")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder to put it in")
    parser.add_argument("--questions-url", metavar="URL", help="where the question files are")
    parser.add_argument("--images-url", metavar="URL", help="where the image bucket is")
    parser.add_argument("--parallel", type=_positive, default=8, help="downloads at once")


def _lint(commands: _Commands) -> None:
    parser = commands.add_parser("lint", help="what is wrong with a dataset, row by row")
    parser.add_argument("name", metavar="NAME")
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
        help="default: the task's own benchmark",
    )  # fmt: skip
    _data(parser)
    parser.add_argument("--out", type=Path, default=Path("run"), help="folder for the run")
    parser.add_argument("--errata", nargs="+", action="extend", default=[], metavar="NAME")
    parser.add_argument("--prompts", default="default", metavar="FAMILY", help="prompt family")
    parser.add_argument("--repeats", type=_positive, default=1, metavar="K")
    parser.add_argument("--limit", type=_positive, metavar="N", help="at most N samples a task")
    parser.add_argument("--allow-remote", nargs="+", action="extend", default=[], metavar="DATASET")
    server = parser.add_argument_group("the model")
    server.add_argument("--base-url", default="", help="an OpenAI-compatible server")
    server.add_argument("--timeout", type=_seconds, default=120.0, help="seconds for one answer")
    server.add_argument("--device", default="auto", help="for hf/: auto, cpu, cuda, cuda:1")
    server.add_argument("--dtype", default="auto", help="for hf/: auto, float32, bfloat16")
    server.add_argument("--revision", default="", help="for hf/: commit or tag on the hub")
    server.add_argument("--max-tokens", type=_positive, help="longest reply, in tokens")
    server.add_argument("--temperature", type=_temperature, help="a number, or `server`")
    server.add_argument("--seed", type=int, help="sampling seed, where a model takes one")
    pace = parser.add_argument_group("pace and cost")
    pace.add_argument("--concurrency", type=_positive, default=0, help="requests open at once")
    pace.add_argument("--attempts", type=_positive, default=8, help="times to ask before failing")
    pace.add_argument("--stall", type=_seconds, default=120.0, help="seconds before an alarm")
    pace.add_argument("--dry-run", action="store_true", help="say what would be sent, and stop")
    pace.add_argument("--budget", type=_seconds, metavar="X", help="stop once X is spent")
    pace.add_argument(
        "--price", type=_price, default=(0.0, 0.0), metavar="IN,OUT",
        help="cost of a million prompt tokens and of a million reply tokens",
    )  # fmt: skip
    _reading(parser)


def _score(commands: _Commands) -> None:
    parser = commands.add_parser("score", help="read answers again, or answers made elsewhere")
    parser.add_argument("run", nargs="?", type=Path, metavar="RUN", help="folder of a run")
    parser.add_argument("--dataset", metavar="NAME", help="with --predictions")
    parser.add_argument("--task", metavar="T", help="with --predictions")
    parser.add_argument("--predictions", type=Path, metavar="FILE", help="answers made elsewhere")
    parser.add_argument("--errata", nargs="+", action="extend", default=[], metavar="NAME")
    parser.add_argument("--allow-remote", nargs="+", action="extend", default=[], metavar="DATASET")
    _data(parser)
    _reading(parser)
    _json(parser)


def _report(commands: _Commands) -> None:
    parser = commands.add_parser("report", help="show results; write a page or tables")
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    for kind in ("html", "csv", "latex", "parquet"):
        parser.add_argument(f"--{kind}", type=Path, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="`-` prints it")


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the dataset")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help='print {"rows": [...]}')


def _reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scoring")
    group.add_argument("--judge", metavar="M", help="model that judges free-form replies")
    group.add_argument("--judge-base-url", default="", metavar="URL")
    group.add_argument("--judge-samples", type=_positive, default=1, metavar="K")
    group.add_argument("--judge-temperature", type=float, default=0.0, metavar="T")
    group.add_argument("--threshold", type=float, default=0.0, help="points a judge must prefer by")
    group.add_argument("--replicates", type=_positive, default=10_000, help="of the bootstrap")
    group.add_argument("--bootstrap-seed", type=int, default=0, metavar="S")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def _temperature(text: str) -> float | str:
    if text == "server":
        return text
    number = float(text)
    if not 0 <= number <= 2:
        raise argparse.ArgumentTypeError("must be between 0 and 2, or `server`")
    return number


def _price(text: str) -> tuple[float, float]:
    into, comma, out = text.partition(",")
    if not comma or min(float(into), float(out)) < 0:
        raise argparse.ArgumentTypeError("must be two numbers, such as 2.50,10")
    return float(into), float(out)


if __name__ == "__main__":
    sys.exit(main())
