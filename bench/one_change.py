"""One change to an inspection that is filled in: what a tap on the form costs."""

from typing import Any

from bench import visits
from bench.figures import Figures
from bench.house import House, Phone, house
from bench.load import load


def run(rounds: int, seconds: float) -> Figures:
    """Measure it with one phone, and with eight."""
    with house() as made, made.server() as server:
        return {
            "one_client": load(server, [_order(made, made.phones[0])], rounds, seconds),
            "eight_clients": load(server, [_order(made, p) for p in made.phones], rounds, seconds),
        }


def _order(made: House, phone: Phone) -> dict[str, Any]:
    inspection_id, given = visits.opened(phone), visits.answers()
    bases = visits.answered(phone, inspection_id, given)
    own = {"inspection_id": inspection_id, "bases": bases}
    return visits.order(made, phone, "one_change") | own
