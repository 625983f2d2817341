"""The site record of 40 rows and 6 photos: printed as PDF/A and signed.

Each reading is of a process of its own (``python -m bench.papers``): what the first document costs,
with the libraries and fonts to load, and what the next ones cost.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figures, over_rounds
from webapp.core.config import ROOT

WARM = 3  # documents after the first


def run(rounds: int, _seconds: float) -> Figures:
    """Measure it in a fresh process for each round."""
    return over_rounds([_in_own_process() for _ in range(rounds)])


def _in_own_process() -> dict[str, float]:
    words = [sys.executable, "-m", "bench.papers"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure() -> dict[str, float]:
    """Print and sign in this process, the first document and the next."""
    with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as folder:
        cold = _document(Path(folder))
        warm = [_document(Path(folder)) for _ in range(WARM)]
    best = min(warm, key=lambda found: found["print_cpu_s"] + found["sign_cpu_s"])
    return {
        **{f"first_{name}": value for name, value in cold.items() if name.endswith("_s")},
        **{f"next_{name}": value for name, value in best.items() if name.endswith("_s")},
        "printed_bytes": cold["printed_bytes"],
        "signed_bytes": cold["signed_bytes"],
        "pages": cold["pages"],
        "peak_memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _document(folder: Path) -> dict[str, float]:
    begun = time.process_time()
    from tests.documents import papers
    from webapp.documents import fonts, keys, render, signing

    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    shipped = fonts.unpack(folder)
    own = keys.open_keys(folder / "keys", organisation="示例县自然资源局", at=datetime.now(UTC))
    ready = time.process_time()
    printed = render.print_out(papers.record(), fonts=shipped, blobs=papers.blobs)
    done = time.process_time()
    signed = signing.sign(printed.pdf, own, at=at, reason="现场检查记录", location="示例县")
    return {
        "ready_cpu_s": ready - begun,
        "print_cpu_s": done - ready,
        "sign_cpu_s": time.process_time() - done,
        "printed_bytes": len(printed.pdf),
        "signed_bytes": len(signed.pdf),
        "pages": printed.pages,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()))
