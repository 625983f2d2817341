"""Documents as PDF/A: the record of 40 items and 6 photos, and long ones; printed and signed.

Each reading is of a process of its own (``python -m bench.papers NAME``): the first document, with
fonts to open, and the next ones; and of one and two workers that print and sign side by side.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Figures, over_rounds, spread
from webapp.core.config import ROOT

WARM = 6  # documents after the first
TRIPS = 1000
WORKER_S = 12.0  # how long a worker is watched, at least
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def run(rounds: int, seconds: float) -> Figures:
    """Measure it in a fresh process for each round."""
    with _authority() as url:
        return {
            "record": over_rounds([_child("record", url) for _ in range(rounds)]),
            "thousand_rows": over_rounds([_child("thousand_rows") for _ in range(min(2, rounds))]),
            "thousand_items": over_rounds([_child("thousand_items")]),
            "one_worker": _workers(1, max(seconds, WORKER_S)),
            "two_workers": _workers(2, max(seconds, WORKER_S)),
        }


def _child(name: str, *more: str) -> dict[str, float]:
    with _started(name, *more) as process:
        found: dict[str, float] = json.loads(process.communicate()[0])
    return found


@contextmanager
def _started(name: str, *more: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.papers", name, *more],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def _authority() -> Iterator[str]:
    """Run a time-stamp authority in a process of its own: its work is not the signer's."""
    with _started("authority") as process:
        yield _line(process)


def _workers(count: int, seconds: float) -> Figures:
    """Let workers print and sign side by side, all from the same moment on."""
    with ExitStack() as stack:
        workers = [stack.enter_context(_started("worker", str(seconds))) for _ in range(count)]
        for one in workers:
            _line(one)  # it has printed its first document
        for one in workers:
            _tell(one)
        found = [json.loads(_line(one)) for one in workers]
    return {
        "documents_per_s": round(sum(one["documents_per_s"] for one in found), 2),
        "cpu_s_per_document": spread(one["cpu_s"] for one in found),
        "peak_memory_mib": spread(one["peak_memory_mib"] for one in found),
    }


def _tell(process: "subprocess.Popen[str]") -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


# -- what is measured, in the child ------------------------------------------------------------


def record(url: str) -> dict[str, float]:
    """Print the record of 40 items, 6 photos, 3 signatures; sign it with and without time."""
    from tests.documents import papers

    contents = papers.record()
    with pressing() as (printed, signed):
        first_s, first = _timed(lambda: printed(contents))
        next_s, _ = _best(lambda: printed(contents))
        sealed_s, sealed = _best(lambda: signed(first.pdf, ""))
        stamped_s, _ = _best(lambda: signed(first.pdf, url))
        memory = peak_mib()
        bare = printed(contents.model_copy(update={"sections": papers.without_photos(contents)}))
    return {
        "first_print_cpu_s": first_s,
        "next_print_cpu_s": next_s,
        "next_with_b_b_cpu_s": next_s + sealed_s,
        "next_with_b_t_cpu_s": next_s + stamped_s,
        "pages": first.pages,
        "printed_bytes": len(first.pdf),
        "signed_bytes": len(sealed.pdf),
        "printed_bytes_without_photos": len(bare.pdf),
        "peak_memory_mib": memory,
    }


def thousand_rows() -> dict[str, float]:
    """Print the record with a table of 1,000 trips."""
    from tests.documents import papers

    return _long(papers.with_trips(TRIPS))


def thousand_items() -> dict[str, float]:
    """Print a record of 1,000 items, each as rich as the forty are."""
    from tests.documents import papers

    return _long(papers.with_items(1000))


def _long(contents: Any) -> dict[str, float]:
    with pressing() as (printed, signed):
        first_s, first = _timed(lambda: printed(contents))
        next_s, _ = _timed(lambda: printed(contents))
        sealed_s, _ = _timed(lambda: signed(first.pdf, ""))
    return {
        "first_print_cpu_s": first_s,
        "next_print_cpu_s": next_s,
        "next_with_b_b_cpu_s": next_s + sealed_s,
        "pages": first.pages,
        "printed_bytes": len(first.pdf),
        "peak_memory_mib": peak_mib(),
    }


def worker(seconds: str) -> dict[str, float]:
    """Print and sign the record again and again, once told to go."""
    from tests.documents import papers

    contents, count = papers.record(), 0
    with pressing() as (printed, signed):
        signed(printed(contents).pdf, "")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        begun, used = time.monotonic(), time.process_time()
        while time.monotonic() - begun < float(seconds):
            signed(printed(contents).pdf, "")
            count += 1
        took, used = time.monotonic() - begun, time.process_time() - used
    return {
        "documents_per_s": count / took,
        "cpu_s": used / count,
        "peak_memory_mib": peak_mib(),
    }


@contextmanager
def pressing() -> Iterator[tuple[Callable[[Any], Any], Callable[[bytes, str], Any]]]:
    """Yield how to print contents, and how to sign a PDF: with an address, B-T."""
    from tests.documents import papers
    from webapp.documents import fonts, keys, render, signing

    with tempfile.TemporaryDirectory(prefix="mingcha-bench-") as name:
        shipped = fonts.unpack(Path(name))
        own = keys.open_keys(
            Path(name) / "keys", organisation="示例县自然资源局", at=datetime.now(UTC)
        )
        yield (
            lambda contents: render.print_out(contents, fonts=shipped, blobs=papers.blobs),
            lambda pdf, url: signing.sign(
                pdf, own, at=AT, reason="现场检查记录", location="示例县", tsa_url=url
            ),
        )


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    done = act()
    return time.process_time() - begun, done


def _best(act: Callable[[], Any]) -> tuple[float, Any]:
    """Return the least of several times: what else runs on the machine only adds to it."""
    return min((_timed(act) for _ in range(WARM)), key=lambda found: found[0])


def peak_mib() -> float:
    """Return the most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def authority() -> None:
    """Answer time-stamp requests until the caller is gone."""
    from tests.documents import pki

    with pki.serving(pki.TimeStampAuthority()) as running:
        sys.stdout.write(f"{running.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


CHILDREN: dict[str, Callable[..., Any]] = {
    each.__name__: each for each in (record, thousand_rows, thousand_items, worker, authority)
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(CHILDREN[sys.argv[1]](*sys.argv[2:])))
