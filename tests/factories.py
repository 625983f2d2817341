"""What tests start from: two fictional bureaus, the cast, an inspection filled as far as needed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy.orm import Session

from webapp.accounts import service as accounts
from webapp.accounts.models import Bureau, Unit, UnitKind, User
from webapp.accounts.rules import Role
from webapp.accounts.views import demo_link
from webapp.checklists import queries as checklists
from webapp.checklists import rules as checklist_rules
from webapp.checklists import service as publishing
from webapp.checklists.definitions import Checklist, Question
from webapp.checklists.loader import load_catalogue
from webapp.core.db import db
from webapp.inspections import service as inspections
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Change, SignatureMethod, SignatureRole

AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
CATALOGUE = load_catalogue()
CATALOGUE_BY_ID = {checklist.id: checklist for checklist in CATALOGUE}
STROKES = {"path": "M10 40 C 20 10, 60 10, 80 40", "width": 300, "height": 120}
PASSWORD = "correct horse battery"

CAST = {
    "lin": ("林检", "Lin Jian", 0, (Role.INSPECTOR,)),
    "chen": ("陈查", "Chen Cha", 1, (Role.INSPECTOR,)),
    "zhou": ("周督", "Zhou Du", 0, (Role.SUPERVISOR,)),
    "he": ("何存", "He Cun", 1, (Role.ARCHIVIST,)),
    "wu": ("吴理", "Wu Li", 1, (Role.ADMIN,)),
    "qian": ("钱所", "Qian Suo", 2, (Role.UNIT_HEAD,)),
    "sun": ("孙外", "Sun Wai", 3, (Role.INSPECTOR, Role.SUPERVISOR, Role.ARCHIVIST, Role.ADMIN)),
}


@dataclass
class Cast:
    """The people and places of a test, by name."""

    users: dict[str, int]
    units: dict[str, int]
    links: dict[str, str]

    def link(self, username: str) -> str:
        """Return the path that signs somebody in."""
        return self.links[username]


def make_cast() -> Cast:
    """Make two bureaus with units and people, and publish the catalogue."""
    settings = current_app.extensions["settings"]
    (settings.data_dir / "DEMO").touch()
    with db.writing() as session:
        units = _units(session)
        users = {
            name: accounts.add_user(
                session, username=name, name=zh, name_en=en, unit=units[place], roles=roles,
                password=None, by_id=None, at=AT,
            ).id
            for name, (zh, en, place, roles) in CAST.items()
        }  # fmt: skip
        publishing.publish(session, CATALOGUE, at=AT)
        places = {unit.name: unit.id for unit in units}
    links = {name: demo_link(settings.secret_key, name) for name in CAST}
    return Cast(users, places, links)


def _units(session: Session) -> list[Unit]:
    home = Bureau(
        name="示例县自然资源局", name_en="Sample County Natural Resources Bureau",
        issuer="中共示例县自然资源局党组", number_mark="示自然资党督", fonds_no="J027",
        section_code="JDC",
    )  # fmt: skip
    other = Bureau(
        name="邻县自然资源局", name_en="Neighbour County Natural Resources Bureau",
        issuer="中共邻县自然资源局党组", number_mark="邻自然资党督", fonds_no="J028",
        section_code="JDC",
    )  # fmt: skip
    session.add_all([home, other])
    session.flush()
    places = [
        ("督查室", "Inspection Office", UnitKind.SECTION, home),
        ("办公室", "General Office", UnitKind.SECTION, home),
        ("城关自然资源所", "Chengguan Station", UnitKind.STATION, home),
        ("外局办公室", "Other Office", UnitKind.SECTION, other),
    ]
    units = [Unit(name=n, name_en=e, kind=k, bureau_id=b.id, bureau=b) for n, e, k, b in places]
    session.add_all(units)
    session.flush()
    return units


def open_inspection(
    session: Session, checklist_id: str = "official-vehicles", unit: str = "城关自然资源所"
) -> Inspection:
    """Open an inspection by lin and chen; the session must be a writing one."""
    lin, chen = (session.query(User).filter_by(username=n).one() for n in ("lin", "chen"))
    return inspections.open_inspection(
        session,
        inspection_id=uuid4(),
        unit=session.query(Unit).filter_by(name=unit).one(),
        version=checklists.latest_version(session, checklist_id),
        inspectors=[lin, chen],
        planned_on=AT.date(),
        by=lin,
        at=AT,
    )


def full_answers(checklist: Checklist, failed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return answers to all that is asked: everything conforms but ``failed``."""
    answers: dict[str, Any] = {
        item.id: "no" if item.id in failed else "yes" for item in checklist.items
    }
    for item_id in failed:
        answers[f"{item_id}.description"] = "抽查发现一处不符，见现场照片和登记簿。"
        answers[f"{item_id}.evidence_note"] = "派车登记簿第 3 页"
    while missing := checklist_rules.missing(checklist, answers, AT.date().isoformat()):
        answers |= {m.question_id: sample(checklist.question(m.question_id)) for m in missing}
    return answers


SAMPLES: dict[str, Any] = {
    "integer": 3, "decimal": "1.5", "money": "120.00", "date": "2026-03-10",
    "datetime": "2026-03-10T09:00", "short_text": "城关镇人民路 1 号", "long_text": "无意见",
    "person": {"name": "钱所", "position": "所长"}, "plate": "赣A12345",
}  # fmt: skip


def sample(question: Question) -> Any:
    """Return a plausible answer to a question."""
    if question.kind == "choice":
        return question.options[0].id
    return SAMPLES.get(question.kind)


def fill(session: Session, inspection: Inspection, failed: tuple[str, ...] = ()) -> None:
    """Answer everything, ``failed`` items with 不符合."""
    answers = full_answers(inspection.version.definition, failed)
    changes = [Change(id=str(uuid4()), question=q, value=v) for q, v in answers.items()]
    results = inspections.record_changes(
        session, inspection, batch_id=uuid4(), changes=changes, by=inspection.opened_by, at=AT
    )
    refused = [r for r in results if r.refusal]
    assert not refused, refused


def sign_all(session: Session, inspection: Inspection) -> None:
    """Let both inspectors and the head of the unit sign what is shown now."""
    team = [(SignatureRole.INSPECTOR, user, user.name) for user in inspection.inspectors]
    for role, user, name in [*team, (SignatureRole.UNIT, None, "钱所")]:
        inspections.sign(
            session, inspection, signature_id=uuid4(), role=role, signer=user, name=name,
            position="", method=SignatureMethod.DRAWN, strokes=STROKES, reason="", witness="",
            digest=inspections.digest_shown(inspection), by=inspection.opened_by, at=AT,
        )  # fmt: skip


def user(session: Session, username: str) -> User:
    """Return a member of the cast."""
    return session.query(User).filter_by(username=username).one()


def submitted(failed: tuple[str, ...] = ("GC-01", "GC-20"), **where: str) -> UUID:
    """Make an inspection that was filled in, signed and handed in; returns its id."""
    with db.writing() as session:
        inspection = open_inspection(session, **where)
        fill(session, inspection, failed)
        sign_all(session, inspection)
        inspections.submit(
            session, inspection, submission_id=uuid4(), by=inspection.opened_by, at=AT
        )
        return inspection.id
