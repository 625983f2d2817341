"""Fills the bureau that the phones visit; ``python -m tests.faults.bureau PAIRS`` prints, as JSON,
each phone's token and a plan for each checklist.
"""

import json
import sys
from typing import Any

from sqlalchemy import select

from tests import factories
from webapp.accounts import service as accounts
from webapp.accounts.models import Unit, User
from webapp.accounts.rules import Role
from webapp.cli import ready_app
from webapp.core.db import db

UNIT = "城关自然资源所"


def main(pairs: int) -> None:
    """Fill an empty data directory."""
    with ready_app().app_context():
        cast = factories.make_cast()
        with db.writing() as session:
            phones = [_pair(session, number) for number in range(pairs)]
    checklists = [_plan(checklist, cast.units[UNIT]) for checklist in factories.CATALOGUE]
    sys.stdout.write(json.dumps({"phones": phones, "checklists": checklists}))


def _pair(session: Any, number: int) -> dict[str, Any]:
    """Add an inspector with a phone, and the colleague on the same team."""
    unit = session.scalars(select(Unit).filter_by(name="督查室")).one()
    own, mate = (_person(session, f"{name}{number}", unit) for name in ("phone", "mate"))
    token = accounts.give_token(session, own, label="phone", at=factories.AT)
    return {"token": token, "team": [(own.id, own.name), (mate.id, mate.name)]}


def _person(session: Any, name: str, unit: Unit) -> User:
    return accounts.add_user(
        session, username=name, name=f"督查员{name}", name_en=name, unit=unit,
        roles=(Role.INSPECTOR,), password=None, by_id=None, at=factories.AT,
    )  # fmt: skip


def _plan(checklist: Any, unit: int) -> dict[str, Any]:
    return {
        "checklist": checklist.id,
        "unit": unit,
        "answers": factories.full_answers(checklist),
        "photo_question": f"{checklist.items[0].id}.photos",
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
