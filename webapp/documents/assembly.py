"""From the rows of an approved inspection to the words of its two documents.

Reads nothing and decides nothing about the inspection: it lays out what others have recorded, in
Chinese, ready to print.  What it returns is frozen with the document's number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from webapp.accounts.models import Bureau, User
from webapp.checklists.definitions import Checklist
from webapp.core.errors import N_, Invalid
from webapp.documents import sections
from webapp.documents import snapshot as paper
from webapp.documents.wording import day, local, moment
from webapp.findings.models import Finding
from webapp.findings.rules import Severity
from webapp.inspections.models import Evidence, Inspection, Signature, Submission
from webapp.inspections.rules import SignatureMethod, SignatureRole

WATERMARK = "演示数据　没有效力"
DRAFT_MARK = "草稿　没有效力"
NO_CODE = "（签发后才有）"
SEVERITIES = {Severity.MINOR: "一般", Severity.MAJOR: "较重", Severity.CRITICAL: "严重"}
ROLES = {SignatureRole.INSPECTOR: "检查人", SignatureRole.UNIT: "被检查单位"}
METHODS = {
    SignatureMethod.DRAWN: "手写",
    SignatureMethod.TYPED: "输入姓名确认",
    SignatureMethod.REFUSED: "拒签",
}
DEADLINES = {"calendar": "%d日内", "working": "%d个工作日内"}
_PATH = re.compile(r"[MmLlHhVvCcSsQqTtZz0-9eE.,+\- \n]*")


@dataclass(frozen=True)
class Material:
    """Everything that two documents are made from.

    ``findings`` are the confirmed ones; those that go to the discipline office are among them and
    are left out of what the unit is told.  ``opinion`` is the ``reviewer``'s, ``evidence`` by the
    original's digest, ``head`` the name of the unit's head.
    """

    inspection: Inspection
    submission: Submission
    opinion: str
    reviewer: User
    findings: Sequence[Finding]
    evidence: Mapping[str, Evidence]
    head: str
    issued_on: date
    zone: ZoneInfo
    is_demo: bool

    @property
    def answers(self) -> Mapping[str, Any]:
        """The answers as they were handed in and approved."""
        return self.submission.answers

    @property
    def checklist(self) -> Checklist:
        """The checklist version that was filled in."""
        return self.inspection.version.definition

    @property
    def told(self) -> list[Finding]:
        """The findings that the unit is told of."""
        return [finding for finding in self.findings if not finding.transfer]

    @property
    def titles(self) -> dict[str, str]:
        """The kinds and titles of its two documents."""
        unit, topic = self.inspection.unit.name, self.inspection.checklist_title
        return {"site_record": "现场检查记录", "feedback": f"关于{unit}{topic}专项督查的反馈意见"}


def snapshot(
    material: Material,
    *,
    kind: str,
    number: str,
    title: str,
    code: str,
    verify_url: str,
    for_unit: bool,
    log_root: str = "",
    draft_mark: str | None = None,
) -> paper.Record:
    """Lay out one document of an inspection; ``draft_mark`` is the watermark of a preview.

    What the reviewer says, findings and opinion, is in what goes to the unit (``for_unit``) and
    nowhere else: the record is what was seen and signed on the day.

    :raises Invalid: something recorded cannot be laid out; ``field`` names the place.
    """
    inspection = material.inspection
    version, bureau = inspection.version, inspection.unit.bureau
    findings = material.told if for_unit else []
    try:
        recorded = tuple(sections.of_visit(material))
        return paper.Record(
            kind=kind,
            number=number,
            title=title,
            issued_on=material.issued_on,
            issued_on_text=day(material.issued_on),
            verify_url=verify_url,
            verify_code=code,
            watermark=draft_mark or (WATERMARK if material.is_demo else None),
            is_draft=draft_mark is not None,
            bureau=issuer(bureau),
            unit=paper.Unit(name=inspection.unit.name, head=material.head),
            checklist=paper.ChecklistUsed(
                id=version.checklist_id, code=material.checklist.code,
                title=material.checklist.title.zh, version=f"第{version.number}",
                sha256=version.sha256,
            ),
            inspection=_visit(material),
            sections=recorded,
            signatures=tuple(_signatures(material)),
            findings=tuple(_finding(no, one) for no, one in enumerate(findings, start=1)),
            feedback=paper.Feedback(report_by=_report_by(material)),
            opinion=material.opinion if for_unit else "",
            reviewer=person(material.reviewer),
            contents_digest=material.submission.digest,
            evidence_root=sections.evidence_root(recorded),
            log_root=log_root,
        )  # fmt: skip
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Invalid(
            N_("记录的内容不能排成文书：%(field)s"),
            code="cannot_lay_out", field=".".join(map(str, first["loc"])), reason=first["msg"],
        ) from error  # fmt: skip


def issuer(bureau: Bureau) -> paper.Bureau:
    """Return a bureau as the one that issues."""
    return paper.Bureau(
        name=bureau.name, mark=bureau.issuer, seal_name=bureau.issuer, signatory=bureau.issuer,
        office=bureau.name,
    )  # fmt: skip


# -- parts ------------------------------------------------------------------------------------


def _visit(material: Material) -> paper.Visit:
    answers, inspection = material.answers, material.inspection
    said = {name: _said(material, f"visit.{name}") for name in
            ("place", "received_by", "overall", "good", "unit_opinion")}  # fmt: skip
    return paper.Visit(
        id=str(inspection.id),
        started_at=local(answers.get("visit.started_at")),
        ended_at=local(answers.get("visit.ended_at")),
        inspectors=tuple(person(user) for user in inspection.inspectors),
        **said,
    )


def _said(material: Material, question_id: str) -> str:
    if not material.checklist.has_question(question_id):
        return ""
    return sections.words(material.checklist.question(question_id), material.answers)


def person(user: User) -> paper.Person:
    """Return somebody as documents name them."""
    return paper.Person(name=user.name, position=user.position)


def _signatures(material: Material) -> Iterator[paper.Signature]:
    """Return the newest signature of each signer that is bound to what was approved."""
    digest = material.submission.digest
    bound = [one for one in material.inspection.signatures if one.digest == digest]
    newest = {(one.role, one.user_id): one for one in bound}
    yield from (_signature(one, material.zone) for one in newest.values())


def _signature(one: Signature, zone: ZoneInfo) -> paper.Signature:
    drawn = one.strokes if one.method is SignatureMethod.DRAWN else None
    path, box = _drawing(drawn)
    return paper.Signature(
        role=one.role.value,
        role_text=ROLES[one.role],
        name=one.name,
        position=one.position,
        strokes=path,
        viewbox=box,
        method=METHODS[one.method],
        refused=one.method is SignatureMethod.REFUSED,
        reason=one.reason,
        witness=one.witness,
        signed_at=moment(one.signed_at.astimezone(zone)),
        digest_short=one.digest[: sections.SHORT],
    )


def _drawing(strokes: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """Return path and view box; nothing where the strokes are no plain path."""
    if not strokes or not _PATH.fullmatch(str(strokes.get("path", "?"))):
        return None, None
    try:
        width, height = float(strokes["width"]), float(strokes["height"])
    except (KeyError, TypeError, ValueError):
        return None, None
    return strokes["path"], f"0 0 {width:g} {height:g}"


def _finding(no: int, one: Finding) -> paper.Finding:
    days = one.deadline_days
    return paper.Finding(
        no=no,
        item_id=one.item_id,
        severity=one.severity.value,
        severity_text=SEVERITIES[one.severity],
        facts=one.facts,
        basis=tuple(map(sections.basis, one.basis)),
        rectification=one.rectification,
        deadline_text=DEADLINES[one.deadline_unit] % days if days else "",
        due_on=day(one.due_on) if one.due_on else "",
    )


def _report_by(material: Material) -> str:
    """Return the day by which the unit reports: when the last rectification is due."""
    due = [one.due_on for one in material.told if one.due_on]
    return day(max(due)) if due else ""
