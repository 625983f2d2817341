"""The memory of one process that prints a thousand documents."""

import json
import subprocess
import sys

from bench.figures import Figures
from bench.papers import peak_mib, pressing
from webapp.core.config import ROOT

DOCUMENTS = 1000
READ_EVERY = 100


def run(_rounds: int, _seconds: float) -> Figures:
    """Measure it once, in a fresh process; it takes some ten minutes."""
    words = [sys.executable, "-m", "bench.paper_memory"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Figures = json.loads(done.stdout)
    return found


def measure() -> Figures:
    """Print and read the memory held, each hundred documents."""
    from tests.documents import papers

    contents, held = papers.record(), []
    with pressing() as (printed, _signed):
        for number in range(1, DOCUMENTS + 1):
            printed(contents)
            if number % READ_EVERY == 0:
                held.append(round(_held_mib(), 1))
    return {"held_mib_each_hundred": held, "peak_memory_mib": round(peak_mib(), 1)}


def _held_mib() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
