"""`medtrust` with everything on: plan, journal, retries and progress, up to the last answer."""

import json
import resource
import sys
import time
from pathlib import Path

import medtrust.models.openai  # noqa: F401 - imports are not what is measured
from medtrust.commands.progress import progress
from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import run

url, data, images, count, out = sys.argv[1:6]
task = "cares/factuality" if images == "images" else "control/text-only:cares/factuality"
settings = RunSettings(
    models=["vllm/instant"],
    tasks=[task],
    datasets=["cares/pmc-oa"],
    data=Path(data),
    out=Path(out),
    options=ModelOptions(base_url=url),
    limit=int(count),
)
started, busy = time.perf_counter(), time.process_time()
with progress() as watch:
    result = run(settings, watch)
seconds, busy = time.perf_counter() - started, time.process_time() - busy
(tally,) = result.tallies.values()
assert result.complete, tally  # noqa: S101 - a rate of failures is no rate
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
rate, cpu = tally.answered / seconds, busy / tally.answered
print(json.dumps({"rate": rate, "cpu": cpu, "megabytes": peak}))
