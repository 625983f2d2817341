"""Figures: medians with their spread, percentiles, and what the machine is."""

import os
import platform
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from webapp.core.config import ROOT

Figures = dict[str, Any]


def spread(values: Iterable[float], digits: int = 2) -> Figures:
    """Return the median, the least and the most of one figure over the rounds."""
    found = sorted(values)
    return {
        "median": round(statistics.median(found), digits),
        "min": round(found[0], digits),
        "max": round(found[-1], digits),
    }


def over_rounds(rounds: Sequence[Mapping[str, float]]) -> Figures:
    """Return the spread of every figure that the rounds have."""
    return {name: spread(found[name] for found in rounds) for name in rounds[0]}


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that ``share`` of ``values`` do not exceed; 0 for none."""
    found = sorted(values)
    return found[min(len(found) - 1, int(share * len(found)))] if found else 0.0


def times(milliseconds: Sequence[float]) -> dict[str, float]:
    """Return what is said of one round's answer times."""
    return {f"p{int(p * 100)}_ms": percentile(milliseconds, p) for p in (0.5, 0.95, 0.99)}


def machine() -> Figures:
    """Return what the figures hang on: cores, versions, the disk's pace, the revision."""
    try:
        import pysqlite3 as driver
    except ImportError:
        driver = sqlite3
    folder = Path(tempfile.gettempdir())
    from webapp.core.db import file_system_of  # not in the processes whose memory is measured

    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "sqlite": driver.sqlite_version,
        "revision": _revision(),
        "file_system": file_system_of(folder),
        "fsync_ms": spread(_fsyncs(folder)),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "")


def _revision() -> str:
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _fsyncs(folder: Path, count: int = 50) -> list[float]:
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        return [_fsync(file) for _ in range(count)]


def _fsync(file: Any) -> float:
    file.write(b"x" * 4096)
    file.flush()
    begun = time.perf_counter()
    os.fsync(file.fileno())
    return (time.perf_counter() - begun) * 1000
