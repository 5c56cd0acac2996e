"""Questions a second against a server that answers at once, beside other clients in the same run.

    python benchmarks/throughput.py [--questions 20000] [--long 200000] [--peers DIR]

Starts nginx (Debian's nginx-light), which answers every question with the same letter, and asks
it by `medtrust` with everything on (plan, journal, retries, progress), by a bare aiohttp loop
that keeps nothing, and by inspect-ai and lmms-eval where `benchmarks/peers.sh DIR` has installed
them. Each is asked without images and with images of 160 KB, four questions to an image, as in
CARES. Then `medtrust` is run over more questions, to see whether its memory grows.

Prints questions a second, peak memory and the ratios; exits with 1 where one is missed.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
PORT = 18431
PER_IMAGE = 4
"""Questions about one image; CARES has 18,772 about some 5,200 in its five counted sets."""
IMAGES = 500
"""Distinct files. More questions go through them again under other names."""

REPLY = {
    "model": "instant",
    "choices": [{"message": {"role": "assistant", "content": "B"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 1},
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
    """nginx with one worker, which reads a question to its end and answers it at once."""
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


def write_questions(data: Path, count: int) -> None:
    """A question file in the layout of CARES's PMC-OA, whose rows are open questions."""
    folder = data / "data" / "PMC-OA"
    folder.mkdir(parents=True)
    with (folder / "pmcoa_factuality.jsonl").open("w") as file:
        for number in range(count):
            row = {
                "text": f"Question {number}: what does this image show, and where is it seen?",
                "answer": f"An opacity in zone {number % 6} of the left lung.",
                "image": f"{number // PER_IMAGE % IMAGES}.jpg",
            }
            file.write(json.dumps(row) + "\n")


def client(name: str, *arguments: object, python: str = sys.executable) -> dict[str, float]:
    """What a client of `clients/` says of itself, run as a process of its own."""
    command = [python, HERE / "clients" / f"{name}.py", *arguments]
    done = subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))
