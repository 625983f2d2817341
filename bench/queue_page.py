"""The supervisors' queue among a hundred thousand inspections."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from bench import visits
from bench.figures import Figures
from bench.house import House, house
from bench.load import load
from tests import factories
from webapp.accounts.views import demo_link
from webapp.checklists import queries as checklists
from webapp.core.db import db
from webapp.inspections.models import Inspection, InspectionInspector, Submission
from webapp.inspections.rules import Status

INSPECTIONS = 100_000
WAITING = 400  # of them; the others were approved, as after years of use
CHUNK = 10_000


def run(rounds: int, seconds: float) -> Figures:
    """Measure the first page with one reader and with eight, and the page of what was approved."""
    with house() as made:
        _fill(made)
        link = demo_link(made.app.extensions["settings"].secret_key, "zhou")
        order = visits.order(made, made.phones[0], "page") | {"link": link, "expect": "MC-2026-JD-"}
        waiting, decided = order | {"path": "/reviews"}, order | {"path": "/reviews?state=approved"}
        with made.server() as server:
            return {
                "one_client": load(server, [waiting], rounds, seconds),
                "approved_one_client": load(server, [decided], rounds, seconds),
                "eight_clients": load(server, [waiting] * 8, rounds, seconds),
            }


def _fill(made: House) -> None:
    """Insert them in bulk: what the list shows is real, the answers are empty."""
    with db.writing() as session:
        version = checklists.latest_version(session, visits.CHECKLIST)
        for first in range(0, INSPECTIONS, CHUNK):
            numbers = range(first, first + CHUNK)
            rows = [_row(made, version.id, n) for n in numbers]
            session.execute(insert(Inspection), rows)
            session.execute(insert(Submission), [_submission(made, row) for row in rows])
            team = [{"inspection_id": _id(n), "user_id": made.phones[0].user_id} for n in numbers]
            session.execute(insert(InspectionInspector), team)


def _id(number: int) -> UUID:
    return UUID(int=(0x0199 << 112) + (0x7000 << 64) + (0x8000 << 48) + number)


def _row(made: House, version_id: int, number: int) -> dict[str, Any]:
    at = factories.AT + timedelta(minutes=7 * number)
    places = list(made.cast.units.values())[:3]
    is_waiting = number % (INSPECTIONS // WAITING) == 0
    return {
        "id": _id(number),
        "number": f"MC-2026-JD-{number:06d}",
        "bureau_id": 1,
        "unit_id": places[number % 3],
        "checklist_version_id": version_id,
        "checklist_title": "公务接待督查清单",
        "status": Status.SUBMITTED if is_waiting else Status.APPROVED,
        "opened_by_id": made.phones[0].user_id,
        "opened_at": at,
        "changed_at": at,
        "submitted_at": at,
        "state": {},
        "seq": 0,
        "done": 60,
        "total": 60,
        "revision": 1,
    }


def _submission(made: House, row: dict[str, Any]) -> dict[str, object]:
    return {
        "id": row["id"],
        "inspection_id": row["id"],
        "number": 1,
        "answers": {},
        "digest": "0" * 64,
        "by_id": made.phones[0].user_id,
        "at": row["submitted_at"],
    }
