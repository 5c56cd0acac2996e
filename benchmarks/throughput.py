"""Questions a second against a server that answers at once, beside other clients in the same run.

    python benchmarks/throughput.py [--questions 20000] [--long 200000] [--peers DIR]

Starts nginx (Debian's nginx-light), which reads each question to its end and answers it at once,
and has it asked by `medtrust` with everything on (plan, journal, retries, progress), by a bare
aiohttp loop that keeps nothing, and by inspect-ai and lmms-eval where `benchmarks/peers.sh DIR`
has installed them. Each asks without images, and with images of 160 KB: once a question to an
image, and once four, as in CARES. Then `medtrust` asks more questions, to see whether its memory
grows.

Prints questions a second, processor time a question, peak memory and the ratios; exits with 1
where one of the ratios that issue and docs promise is missed.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
PORT = 18431
IMAGES = 2000
"""Distinct files of 160 KB. With more questions than that they are gone through again."""

REPLY = {
    "id": "x",
    "object": "chat.completion",
    "created": 0,
    "model": "instant",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "B"},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101},
}

NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off; default_type application/json;
    client_max_body_size 32m; client_body_buffer_size 1m; keepalive_requests 100000000;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; location / {{ return 200 '{reply}'; }} }}
}}
"""


@contextmanager
def instant_server(folder: Path) -> Iterator[str]:
    """Nginx with one worker, which reads a question to its end and answers it at once."""
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=PORT, reply=json.dumps(REPLY)))
    with subprocess.Popen(["nginx", "-p", folder, "-c", config]) as server:
        time.sleep(0.5)
        try:
            yield f"http://127.0.0.1:{PORT}/v1"
        finally:
            server.terminate()


def make_images(folder: Path) -> None:
    """JPEG files of about 160 KB: noise, so that none of it is small by chance."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(IMAGES):
        pixels = rng.integers(0, 256, (512, 512), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.jpg", quality=76)


def write_questions(data: Path, count: int, per_image: int) -> Path:
    """A question file in the layout of CARES's PMC-OA, whose rows are open questions."""
    folder = data / "data" / "PMC-OA"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pmcoa_factuality.jsonl"
    with path.open("w") as file:
        for number in range(count):
            row = {
                "text": f"Question {number}: what does this image show, and where is it seen?",
                "answer": f"An opacity in zone {number % 6} of the left lung.",
                "image": f"{number // per_image % IMAGES}.jpg",
            }
            file.write(json.dumps(row) + "\n")
    return path


def client(name: str, *arguments: object, python: object = sys.executable) -> dict[str, float]:
    """What a client of `clients/` says of itself, run as a process of its own."""
    command = [python, HERE / "clients" / f"{name}.py", *arguments]
    done = subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(url: str, data: Path, kind: str, count: int) -> dict[str, float]:
    """`medtrust` in a new folder, which is removed again."""
    with tempfile.TemporaryDirectory(dir=data.parent) as out:
        return client("ours", url, data, kind, count, Path(out) / "run")


def show(label: str, found: dict[str, float]) -> None:
    """One line of the table."""
    memory = f"{found['megabytes']:6.0f} MB" if "megabytes" in found else ""
    busy = f"{found['cpu'] * 1e6:8.0f} us" if "cpu" in found else " " * 11
    print(f"{label:36}{found['rate']:8.0f}/s {busy}  {memory}", flush=True)


def peers(folder: Path | None) -> dict[str, Path]:
    """Name -> interpreter of each peer that is installed."""
    found = {name: folder / name / "bin" / "python" for name in PEERS} if folder else {}
    return {name: python for name, python in found.items() if python.exists()}


PEERS = {
    "inspect_ai": {"text": ("text",), "images": ("images",)},
    "lmms_eval": {"text": ("text",), "images": ("images", "files")},
}
"""Peer -> kind of question -> ways in which it is asked for that kind."""
SLOW = 400
"""Questions for peers, which take minutes for thousands."""


Ratio = tuple[str, float, float]
"""What is compared, the ratio, and what it must reach."""


def best(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    """The fastest: what else runs on a machine slows some of them by chance."""
    return max(runs, key=lambda found: found["rate"])


def bar(bare: float) -> float:
    """What must be reached against a peer, of which the bare loop reaches `bare` times the rate.

    Where the bare loop itself is no 20 times as fast, nobody on it can be: then half of that.
    """
    return PEER if bare >= PEER else BARE["text"] * bare


def compare(url: str, data: Path, arguments: argparse.Namespace) -> list[Ratio]:
    """Every client on every kind of question."""
    ratios: list[Ratio] = []
    for kind, per_image in (("text", 4), ("images", 1), ("images", 4)):
        questions = write_questions(data, arguments.questions, per_image)
        label = kind if kind == "text" else f"{kind}, {per_image} questions each"
        turns = [
            (
                client("bare", url, questions, kind, arguments.questions),
                ours(url, data, kind, arguments.questions),
            )
            for _ in range(ROUNDS)
        ]
        bare, own = (best(runs) for runs in zip(*turns, strict=True))
        show(f"bare aiohttp loop, {label}", bare)
        show(f"medtrust, {label}", own)
        ratios.append((f"medtrust / bare, {label}", own["rate"] / bare["rate"], BARE[kind]))
        for name, python in peers(arguments.peers).items():
            for way in PEERS[name][kind] if per_image == 4 else ():
                found = client(name, url, questions, way, SLOW, python=python)
                peer = f"{name}, {label.replace(kind, way)}"
                show(peer, found)
                reached = own["rate"] / found["rate"]
                ratios.append((f"medtrust / {peer}", reached, bar(bare["rate"] / found["rate"])))
    return ratios


ROUNDS = 3
BARE = {"text": 0.5, "images": 1.0}
PEER = 20.0
"""What the ratios must reach."""


def main() -> int:
    """Print the table and the ratios; 1 where one is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=20_000)
    parser.add_argument("--long", type=int, default=200_000)
    parser.add_argument("--peers", type=Path)
    arguments = parser.parse_args()
    if shutil.which("nginx") is None:
        print("nginx is not here: apt-get install nginx-light")
        return 2
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        make_images(data / "data" / "PMC-OA" / "images")
        with instant_server(Path(name) / "nginx") as url:
            ratios = compare(url, data, arguments)
            write_questions(data, arguments.long, 4)
            short = ours(url, data, "images", arguments.questions)
            long = ours(url, data, "images", arguments.long)
    show(f"medtrust, {arguments.questions:,} with images", short)
    show(f"medtrust, {arguments.long:,} with images", long)
    print()
    for label, ratio, least in ratios:
        print(f"{ratio:7.2f}  {label} (at least {least:.3g})")
    growth = long["megabytes"] - short["megabytes"]
    print(f"{long['megabytes']:7.0f}  MB at {arguments.long:,} questions (under {MEMORY})")
    print(f"{growth:7.0f}  MB more than at {arguments.questions:,} (under {GROWTH})")
    held = all(ratio >= least for _, ratio, least in ratios)
    return 0 if held and long["megabytes"] < MEMORY and growth < GROWTH else 1


MEMORY, GROWTH = 400, 40
"""Megabytes."""


if __name__ == "__main__":
    sys.exit(main())
