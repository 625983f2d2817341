"""The form of the longest checklist, half filled in."""

from typing import Any

from bench import visits
from bench.figures import Figures
from bench.house import House, Phone, house
from bench.load import load
from tests import factories

CHECKLIST = "official-vehicles"


def run(rounds: int, seconds: float) -> Figures:
    """Measure the page with one reader, and with eight."""
    with house() as made, made.server() as server:
        orders = [_order(made, phone) for phone in made.phones]
        return {
            "one_client": load(server, orders[:1], rounds, seconds),
            "eight_clients": load(server, orders, rounds, seconds),
        }


def half_filled(phone: Phone) -> str:
    """Make such an inspection; returns its id."""
    inspection_id = visits.opened(phone, CHECKLIST)
    given = factories.full_answers(factories.CATALOGUE_BY_ID[CHECKLIST], ("GC-01",))
    visits.answered(phone, inspection_id, dict(list(given.items())[: len(given) // 2]))
    return inspection_id


def _order(made: House, phone: Phone) -> dict[str, Any]:
    path = f"/inspections/{half_filled(phone)}/answers"
    return visits.order(made, phone, "page") | {"path": path, "expect": "GC-44"}
