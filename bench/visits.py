"""The visit that is measured: a real checklist of the catalogue with sixty answers."""

from typing import Any
from uuid import UUID, uuid4

from bench.house import House, Phone
from tests import factories
from webapp.accounts.models import Unit
from webapp.checklists import queries as checklists
from webapp.core.db import db
from webapp.inspections import queries, service
from webapp.inspections.rules import Change

CHECKLIST = "official-receptions"
UNIT = "城关自然资源所"
ANSWERS = 60
REMARK = "查阅公务接待审批单、公函和报销凭证，与财务账目逐笔核对。"


def answers() -> dict[str, Any]:
    """Return sixty answers that may be handed in: one item fails, some have remarks."""
    checklist = factories.CATALOGUE_BY_ID[CHECKLIST]
    found = factories.full_answers(checklist, (checklist.items[0].id,))
    remarks = (f"{item.id}.remark" for item in checklist.items)
    while len(found) < ANSWERS:
        found[next(remarks)] = REMARK
    assert len(found) == ANSWERS, len(found)
    return found


def order(house: House, phone: Phone, source: str, by: str = "cookie") -> dict[str, Any]:
    """Return what a client is told: who it is, and the visit that it makes."""
    checklist_sha256 = _sha256()
    team = [phone.user_id, phone.mate_id]
    signers = [{"role": "inspector", "signer": who, "name": f"督查员{who}"} for who in team]
    signers.append({"role": "unit", "signer": None, "name": "钱所"})
    return {
        "source": source,
        "by": by,
        "link": phone.link,
        "token": phone.token,
        "checklist_sha256": checklist_sha256,
        "inspection": {
            "checklist": CHECKLIST, "unit": house.cast.units[UNIT], "inspectors": team,
        },
        "answers": answers(),
        "signers": [signer | {"method": "drawn"} for signer in signers],
    }  # fmt: skip


def opened(phone: Phone, checklist_id: str = CHECKLIST) -> str:
    """Open an inspection by this phone's owner; returns its id."""
    with db.writing() as session:
        team = [
            factories.user(session, f"{name}{phone.username[5:]}") for name in ("phone", "mate")
        ]
        inspection = service.open_inspection(
            session, inspection_id=uuid4(), unit=session.query(Unit).filter_by(name=UNIT).one(),
            version=checklists.latest_version(session, checklist_id), inspectors=team,
            planned_on=None, by=team[0], at=factories.AT,
        )  # fmt: skip
        return str(inspection.id)


def answered(phone: Phone, inspection_id: str, given: dict[str, Any]) -> dict[str, str]:
    """Fill an inspection in; returns the change of each question."""
    with db.writing() as session:
        by = factories.user(session, phone.username)
        inspection = queries.own_inspection(session, by, UUID(inspection_id), lock=True)
        changes = [Change(id=str(uuid4()), question=q, value=v) for q, v in given.items()]
        service.record_changes(
            session, inspection, batch_id=uuid4(), changes=changes, by=by, at=factories.AT
        )
        return {change.question: change.id for change in changes}


def _sha256() -> str:
    with db.reading() as session:
        return checklists.latest_version(session, CHECKLIST).sha256
