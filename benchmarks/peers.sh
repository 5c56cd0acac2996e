#!/usr/bin/env bash
# Installs what benchmarks/throughput.py compares with, each in a virtual environment of its own:
#
#     benchmarks/peers.sh DIR && python benchmarks/throughput.py --peers DIR
#
# Takes some minutes and 2 GB.
set -euo pipefail
dir=${1:?usage: benchmarks/peers.sh DIR}
mkdir -p "$dir"

environment() { # NAME: makes DIR/NAME, into which install() then installs
    "${PYTHON:-python3}" -m venv "$dir/$1"
    python=$dir/$1/bin/python
}
install() { "$python" -m pip --disable-pip-version-check install --quiet "$@"; }

environment inspect_ai
install inspect-ai==0.3.285 openai==3.57.0

environment lmms_eval
# First and alone, and named again below: another release would bring gigabytes of CUDA.
install torch==2.13.0
# lmms-eval asks for some 50 packages, torchvision, opencv, wandb and sentence-transformers among them.
# These are the ones that it imports to ask an OpenAI-compatible model about text and images.
# It reaches into filelock, whose release 4 has moved what it reaches for.
install torch==2.13.0 "filelock<4" \
    accelerate datasets==5.2.0 evaluate jinja2 loguru openai==3.57.0 pillow pydantic python-dotenv pytz \
    pyyaml sacrebleu tenacity transformers==5.23.0
install --no-deps lmms-eval==0.7.3

"$dir/inspect_ai/bin/python" -P -c "import inspect_ai"
"$dir/lmms_eval/bin/python" -P -c "from lmms_eval.models import get_model; get_model('openai')"
