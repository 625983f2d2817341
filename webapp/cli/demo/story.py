"""Lets the plan happen: every act through the product's own services, in the order of time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.checklists.models import ChecklistVersion
from webapp.cli.demo.cast import PLACE, Cast
from webapp.cli.demo.ink import signature
from webapp.cli.demo.visits import NOT_BEGUN, TWO_ROUNDS, UNFINISHED, Course, Days, Stage
from webapp.core.storage import Storage
from webapp.findings import service as findings
from webapp.findings.rules import FindingSource
from webapp.inspections import evidence, queries
from webapp.inspections import service as inspections
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Change, Outcome, SignatureMethod, SignatureRole
from webapp.reviews import service as reviews
from webapp.reviews.rules import Verdict

APPROVED = "请对照所列问题举一反三，按期整改到位并书面报告。"
RETURNED = "总体清楚，个别事项的事实还要再核实，补充后重新提交。"
COMMENTS = (
    "请补拍一张能看清日期的照片，并写明所查材料的页码。",
    "请与单位台账再核对一次数字，写明不一致的原因。",
)
MORE_FACTS = "（补充：已与单位台账逐笔核对，经办人当场确认。）"
NO_FAULT = "已与单位逐项核对，属登记误差，单位已更正台账，不作问题。"
VERIFIED = {
    "GC-44": "经与单位核实，近 30 日定位终端在线率为 93.8%，低于 95% 的要求，系 1 辆车终端故障。",
    "BJ-02": "经与单位核实，抽查的 65 件办件中有 1 件超过承诺期限 1 天办结，没有办理延期手续。",
}
RIVALS = {"official-receptions": ("JD-03.spent", "16870.00"), "eight-prohibitions": ("BJ-09", "no")}


class Do(Protocol):
    """An act, waiting for its session and its moment."""

    def __call__(self, session: Session, *, at: datetime) -> object:
        """Let it happen."""


@dataclass(frozen=True)
class Act:
    """An act and when it happens."""

    at: datetime
    do: Do


@dataclass(frozen=True)
class Scene:
    """What one visit's acts need: its course, the people, and the photos that were taken."""

    course: Course
    cast: Cast
    version: ChecklistVersion
    days: Days
    storage: Storage
    taken: Mapping[str, Sequence[evidence.Picture]]

    @property
    def team(self) -> list[User]:
        """Both inspectors."""
        return [self.cast.users["lin"], self.cast.users["chen"]]

    @property
    def opener(self) -> User:
        """Who opened it; the two take turns."""
        return self.team[self.course.id.int % 2]

    @property
    def supervisor(self) -> User:
        """Who decides; the two share the work."""
        return self.cast.users["zheng" if self.course.visit.slot == 1 else "zhou"]

    def inspection(self, session: Session) -> Inspection:
        """Return the inspection, once it is open."""
        return session.get_one(Inspection, self.course.id)


def tell(session: Session, scenes: Sequence[Scene]) -> Iterator[None]:
    """Let everything happen in the order of time; yields after each act."""
    acts = [act for scene in scenes for act in _acts(scene)]
    for act in sorted(acts, key=lambda act: act.at):
        act.do(session, at=act.at)
        yield


def count(scenes: Sequence[Scene]) -> int:
    """Return how many acts there are."""
    return sum(1 for scene in scenes for _ in _acts(scene))


def _acts(scene: Scene) -> Iterator[Act]:
    course, days, stage = scene.course, scene.days, scene.course.visit.stage
    day = course.visit.day
    opened = days.moment(min(day - 1, -1), 16, 10) + timedelta(minutes=7 * course.visit.slot)
    yield Act(opened, partial(_open, scene))
    if stage is Stage.CANCELLED:
        yield Act(opened + timedelta(minutes=25), partial(_cancel, scene))
    if stage in NOT_BEGUN:
        return
    yield from _filling(scene)
    if stage is Stage.DISPUTED:
        yield Act(course.ended, partial(_dispute, scene))
    if stage in UNFINISHED:
        return
    yield from _handing_in(scene, course.ended, number=1)
    next_day = days.moment(day + 1, 9, 20) + timedelta(minutes=6 * course.visit.slot)
    if stage in TWO_ROUNDS or stage is Stage.RETURNED:
        yield Act(next_day, partial(_return, scene))
    if stage in TWO_ROUNDS:
        again = next_day + timedelta(hours=5)
        yield Act(again, partial(_mend, scene))
        yield from _handing_in(scene, again + timedelta(minutes=12), number=2)
    if stage is Stage.APPROVED:
        yield Act(next_day, partial(_approve, scene))
    if stage is Stage.APPROVED_AGAIN:
        yield Act(days.moment(day + 2, 10, 5), partial(_approve, scene))


def _open(scene: Scene, session: Session, *, at: datetime) -> None:
    visit = scene.course.visit
    inspections.open_inspection(
        session, inspection_id=scene.course.id, unit=scene.cast.units[visit.unit],
        version=scene.version, inspectors=scene.team, planned_on=scene.days.day(visit.day),
        by=scene.opener, at=at,
    )  # fmt: skip


def _cancel(scene: Scene, session: Session, *, at: datetime) -> None:
    inspections.cancel(session, scene.inspection(session), by=scene.opener, at=at)


# -- answers ----------------------------------------------------------------------------------


def _filling(scene: Scene) -> Iterator[Act]:
    """Fill section by section, the two taking turns; an unfinished visit stops half-way."""
    course = scene.course
    sections = list(scene.version.definition.sections)
    if course.visit.stage in UNFINISHED:
        sections = sections[: len(sections) // 2 + 1]
    for place, section in enumerate(sections):
        asked = {question.id for question in section.all_questions}
        given = {q: value for q, value in course.answers.items() if q in asked}
        if course.visit.stage in UNFINISHED and place == len(sections) - 1:
            given = dict(list(given.items())[: len(given) // 2])
        if place == 0 and course.visit.stage in UNFINISHED:
            given.pop("visit.ended_at", None)
        at = course.begun + (course.ended - course.begun) * (place + 1) / (len(sections) + 1)
        by = scene.team[place % 2]
        yield Act(at, partial(_answer, scene, given, by))


def _answer(
    scene: Scene, given: Mapping[str, Any], by: User, session: Session, *, at: datetime
) -> None:
    photos: dict[str, Any] = {}
    for item in [question for question in given if question in scene.taken]:
        photos[f"{item}.photos"] = _photos(scene, item, session, by=by)
    _record(scene, session, {**given, **photos}, by=by, at=at)


def _photos(scene: Scene, item: str, session: Session, *, by: User) -> list[dict[str, str]]:
    moments = [picture.taken_at for picture in scene.course.pictures if picture.item_id == item]
    for picture, moment in zip(scene.taken[item], moments, strict=True):
        sealed = evidence.seal(scene.storage, picture)
        evidence.keep(session, sealed, by=by, at=moment)
    return [
        {"sha256": picture.sha256, "taken_at": moment.isoformat()}
        for picture, moment in zip(scene.taken[item], moments, strict=True)
    ]


def _record(
    scene: Scene, session: Session, given: Mapping[str, Any], *, by: User, at: datetime,
    blind: bool = False,
) -> list[inspections.Result]:  # fmt: skip
    """Send changes; ``blind`` ones know nothing of what the other phone sent before."""
    inspection, course = scene.inspection(session), scene.course
    changes = [
        Change(
            id=str(course.new_id(at)), question=question, value=value,
            base=None if blind else inspection.state.get(question, {}).get("id"),
            device_time=at.astimezone(scene.days.zone).isoformat(timespec="seconds"),
        )
        for question, value in given.items()
    ]  # fmt: skip
    results = inspections.record_changes(
        session, inspection, batch_id=course.new_id(at), changes=changes, by=by, at=at,
        device=f"示例手机 {by.name}",
    )  # fmt: skip
    for result in results:
        if result.refusal is not None:
            raise result.refusal
    return results


def _dispute(scene: Scene, session: Session, *, at: datetime) -> None:
    """Let both have answered one question offline, each otherwise."""
    question, value = RIVALS[scene.version.checklist_id]
    inspection = scene.inspection(session)
    if question not in inspection.state:
        given = {question: scene.course.answers[question]}
        _record(scene, session, given, by=scene.team[0], at=at)
    results = _record(scene, session, {question: value}, by=scene.team[1], at=at, blind=True)
    assert results[0].outcome is Outcome.CONFLICT  # noqa: S101 - the story wants one


def _mend(scene: Scene, session: Session, *, at: datetime) -> None:
    """Answer the supervisor's comments: fuller facts."""
    state = scene.inspection(session).state
    given = {
        question: state[question]["v"] + MORE_FACTS
        for question in (f"{item}.description" for item in scene.course.visit.failed)
    }
    _record(scene, session, given, by=scene.opener, at=at)


# -- signing and handing in -------------------------------------------------------------------


def _handing_in(scene: Scene, at: datetime, *, number: int) -> Iterator[Act]:
    place = PLACE[scene.course.visit.unit]
    for minutes, user in enumerate(scene.team, start=3):
        signed = partial(_sign, scene, user, user.name, user.position)
        yield Act(at + timedelta(minutes=minutes), signed)
    unit = partial(_sign, scene, None, place.head, place.position)
    yield Act(at + timedelta(minutes=6), unit)
    yield Act(at + timedelta(minutes=8), partial(_submit, scene))


def _sign(
    scene: Scene, user: User | None, name: str, position: str, session: Session, *, at: datetime
) -> None:
    inspection, refusal = scene.inspection(session), scene.course.visit.refusal
    refused = user is None and bool(refusal)
    inspections.sign(
        session, inspection, signature_id=scene.course.new_id(at),
        role=SignatureRole.INSPECTOR if user else SignatureRole.UNIT, signer=user, name=name,
        position=position, method=SignatureMethod.REFUSED if refused else SignatureMethod.DRAWN,
        strokes=None if refused else signature(name, scene.course.rng),
        reason=refusal if refused else "",
        witness=f"{scene.course.visit.unit}工作人员甲某" if refused else "",
        digest=inspections.digest_shown(inspection), by=scene.opener, at=at,
    )  # fmt: skip


def _submit(scene: Scene, session: Session, *, at: datetime) -> None:
    inspections.submit(
        session, scene.inspection(session), submission_id=scene.course.new_id(at),
        by=scene.opener, at=at,
    )  # fmt: skip


# -- reviewing --------------------------------------------------------------------------------


def _return(scene: Scene, session: Session, *, at: datetime) -> None:
    inspection, by = scene.inspection(session), scene.supervisor
    submission = queries.latest_submission(session, inspection)
    for item, text in zip(scene.course.visit.failed, COMMENTS, strict=False):
        reviews.comment(session, inspection, submission, item_id=item, text=text, by=by, at=at)
    session.flush()
    reviews.return_to_inspectors(
        session, inspection, submission, opinion=RETURNED, by=by, at=at + timedelta(minutes=4)
    )


def _approve(scene: Scene, session: Session, *, at: datetime) -> None:
    inspection = scene.inspection(session)
    submission = queries.latest_submission(session, inspection)
    found = findings.ensure_derived(session, submission)
    judgements = [
        reviews.judgement_of(finding, _said(finding.item_id, finding.source)) for finding in found
    ]
    reviews.approve(
        session, inspection, submission, judgements=judgements, opinion=APPROVED,
        by=scene.supervisor, at=at,
    )  # fmt: skip


def _said(item_id: str, source: FindingSource) -> dict[str, Any]:
    """Confirm what was found; a doubt is confirmed where it was looked into, else dismissed."""
    if source is FindingSource.ITEM:
        return {"verdict": Verdict.CONFIRM}
    if item_id in VERIFIED:
        return {"verdict": Verdict.CONFIRM, "facts": VERIFIED[item_id]}
    return {"verdict": Verdict.DISMISS, "reason": NO_FAULT}
