"""Whole inspections, each in one request, from eight phones at once."""

from bench import visits
from bench.figures import Figures
from bench.house import house
from bench.load import load


def run(rounds: int, seconds: float) -> Figures:
    """Measure them by session cookie, by bearer token, and with the background work beside."""
    return {
        "by_cookie": _measure(rounds, seconds, by="cookie"),
        "by_token": _measure(rounds, seconds, by="token"),
        "with_background_work": _measure(rounds, seconds, by="cookie", worker=True),
    }


def _measure(rounds: int, seconds: float, *, by: str, worker: bool = False) -> Figures:
    with house() as made, made.server(worker=worker) as server:
        orders = [visits.order(made, phone, "submissions", by) for phone in made.phones]
        return load(server, orders, rounds, seconds)
