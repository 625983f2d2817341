"""Sixty answers in one message, from eight phones at once."""

from bench import visits
from bench.figures import Figures
from bench.house import house
from bench.load import load


def run(rounds: int, seconds: float) -> Figures:
    """Measure it, each phone filling in an inspection of its own."""
    with house() as made, made.server() as server:
        orders = [
            visits.order(made, phone, "changes") | {"inspection_id": visits.opened(phone)}
            for phone in made.phones
        ]
        return load(server, orders, rounds, seconds)
