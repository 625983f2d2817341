"""From the rows of an approved inspection to the words of its two documents.

Reads nothing and decides nothing about the inspection: it lays out what others have recorded, in
Chinese, ready to print.  What it returns is frozen with the document's number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from webapp.accounts.models import Bureau, User
from webapp.checklists import rules as checklist_rules
from webapp.checklists.definitions import Checklist, Item, Question, Section
from webapp.checklists.questions import KINDS
from webapp.core.errors import N_, Invalid
from webapp.core.merkle import leaf_hash, root_of
from webapp.documents import snapshot as paper
from webapp.findings.models import Finding
from webapp.findings.rules import Severity, basis_on, visit_day
from webapp.inspections.models import Evidence, Inspection, Signature, Submission
from webapp.inspections.rules import SignatureMethod, SignatureRole

LANG = "zh"
WATERMARK = "演示数据　没有效力"
DRAFT_MARK = "草稿　没有效力"
NO_CODE = "（签发后才有）"
SHORT = 16  # characters of a digest that are printed
SAID_ELSEWHERE = frozenset(
    {"visit.place", "visit.started_at", "visit.ended_at", "visit.received_by", "visit.overall",
     "visit.good", "visit.unit_opinion"}
)  # fmt: skip
OWN_PLACE = frozenset({"verdict", "description", "evidence_note", "remark"})
SEVERITIES = {Severity.MINOR: "一般", Severity.MAJOR: "较重", Severity.CRITICAL: "严重"}
ROLES = {SignatureRole.INSPECTOR: "检查人", SignatureRole.UNIT: "被检查单位"}
METHODS = {
    SignatureMethod.DRAWN: "手写",
    SignatureMethod.TYPED: "输入姓名确认",
    SignatureMethod.REFUSED: "拒签",
}
DEADLINES = {"calendar": "%d日内", "working": "%d个工作日内"}
_GAP = re.compile(r"(?<=[0-9]) (?=[^\x00-\x7f])")
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
        sections = tuple(_sections(material))
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
            sections=sections,
            signatures=tuple(_signatures(material)),
            findings=tuple(_finding(no, one) for no, one in enumerate(findings, start=1)),
            feedback=paper.Feedback(report_by=_report_by(material)),
            opinion=material.opinion if for_unit else "",
            reviewer=person(material.reviewer),
            contents_digest=material.submission.digest,
            evidence_root=evidence_root(sections),
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


def day(value: date) -> str:
    """Return a day as documents print it."""
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """Return a local date and time as documents print it."""
    return f"{day(value.date())}{value.hour}时{value.minute:02}分"


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
    return _text(material.checklist.question(question_id), material.answers)


def _text(question: Question, answers: Mapping[str, Any]) -> str:
    return close(KINDS[question.kind].text(question, answers.get(question.id), LANG))


def close(words: str) -> str:
    """Return words without the space that screens put between a figure and its unit."""
    return _GAP.sub("", words)


def local(value: str | None) -> str:
    """Return a stored local date and time as documents print it; empty where there is none."""
    return moment(datetime.fromisoformat(value)) if value else ""


def person(user: User) -> paper.Person:
    """Return somebody as documents name them."""
    return paper.Person(name=user.name, position=user.position)


def _sections(material: Material) -> Iterator[paper.Section]:
    day_iso = visit_day(material.answers, material.issued_on)
    shown = checklist_rules.shown(material.checklist, material.answers, day_iso)
    numbers = _evidence_numbers(material, shown)
    for section in material.checklist.sections:
        laid = _section(material, section, shown, numbers, date.fromisoformat(day_iso))
        if laid.items or laid.figures or laid.tables:
            yield laid


def _section(
    material: Material, section: Section, shown: frozenset[str], numbers: Mapping[str, str],
    on: date,
) -> paper.Section:  # fmt: skip
    asked = [q for q in section.questions if q.id in shown and q.id not in SAID_ELSEWHERE]
    return paper.Section(
        title=section.title.zh,
        figures=tuple(_figures(asked, material.answers)),
        tables=tuple(_tables(asked, material.answers)),
        items=tuple(_item(material, item, shown, numbers, on) for item in section.items),
    )


def _item(
    material: Material, item: Item, shown: frozenset[str], numbers: Mapping[str, str], on: date
) -> paper.Item:
    answers = material.answers
    asked = [q for q in item.questions if q.id in shown and q.local not in OWN_PLACE]
    told = {name: str(answers.get(f"{item.id}.{name}") or "") for name in
            ("description", "evidence_note", "remark")}  # fmt: skip
    return paper.Item(
        id=item.id,
        question=item.question.zh,
        verdict=answers.get(item.id) or "",
        verdict_text=_text(item.verdict, answers),
        figures=tuple(_figures(asked, answers)),
        tables=tuple(_tables(asked, answers)),
        evidence=item.evidence.zh,
        basis=tuple(_basis(asdict(b)) for b in basis_on(material.checklist, item, on)),
        photos=tuple(_photos(material, asked, numbers)),
        **told,
    )


def _figures(asked: Sequence[Question], answers: Mapping[str, Any]) -> Iterator[paper.Figure]:
    for question in asked:
        text = "" if question.kind in ("table", "photo") else _text(question, answers)
        if text:
            yield paper.Figure(label=question.label.zh, text=text)


def _tables(asked: Sequence[Question], answers: Mapping[str, Any]) -> Iterator[paper.Table]:
    for question in asked:
        rows = answers.get(question.id) if question.columns else None
        if rows:
            yield paper.Table(
                label=question.label.zh,
                columns=tuple(column.label.zh for column in question.columns),
                rows=tuple(
                    tuple(
                        close(KINDS[c.kind].text(c, row.get(c.id), LANG)) for c in question.columns
                    )
                    for row in rows
                ),
            )


def _basis(entry: Mapping[str, Any]) -> paper.Basis:
    law, article = str(entry.get("law", "")), str(entry.get("article", ""))
    title = law if law.startswith("《") else _quoted(law)
    return paper.Basis(text=f"{title}{article}", verified=bool(entry.get("verified")))


def _quoted(law: str) -> str:
    """Put a title into its marks, the number of the text behind them."""
    title, bracket, number = law.rpartition("（")
    numbered = (bracket and "〔" in number) or "令" in number
    return f"《{title}》（{number}" if numbered else f"《{law}》"


def _digests(question: Question, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(answers.get(question.id) or ()) if question.kind == "photo" else []


def _evidence_numbers(material: Material, shown: frozenset[str]) -> dict[str, str]:
    """Count the pictures through the whole record; the same picture keeps its number."""
    found = [
        photo["sha256"]
        for item in material.checklist.items
        for question in item.questions
        if question.id in shown
        for photo in _digests(question, material.answers)
    ]
    return {digest: f"证据{n}" for n, digest in enumerate(dict.fromkeys(found), start=1)}


def evidence_root(sections: Sequence[paper.Section]) -> str:
    """Return the root (RFC 9162) over the photos in their printed order; none without photos.

    A leaf's entry is the 32 bytes of a sealed photo's digest.
    """
    leaves = [leaf_hash(bytes.fromhex(digest)) for digest in originals(sections)]
    return root_of(leaves).hex() if leaves else ""


def originals(sections: Sequence[paper.Section]) -> list[str]:
    """Return the digests of the sealed photos in their printed order, each once."""
    found = (photo.original for section in sections for item in section.items
             for photo in item.photos if photo.original)  # fmt: skip
    return list(dict.fromkeys(found))


def _photos(
    material: Material, asked: Sequence[Question], numbers: Mapping[str, str]
) -> Iterator[paper.Photo]:
    for question in asked:
        for photo in _digests(question, material.answers):
            digest, taken = photo["sha256"], photo.get("taken_at")
            at = datetime.fromisoformat(taken).astimezone(material.zone) if taken else None
            yield paper.Photo(
                sha256=material.evidence[digest].derivative_sha256,
                original=digest,
                short=digest[:SHORT],
                drift_ms=photo.get("drift_ms"),
                position=photo.get("position", ""),
                taken_at=moment(at) if at else "",
                caption="" if question.label.zh == "照片" else question.label.zh,
                number=numbers[digest],
            )


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
        digest_short=one.digest[:SHORT],
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
        basis=tuple(map(_basis, one.basis)),
        rectification=one.rectification,
        deadline_text=DEADLINES[one.deadline_unit] % days if days else "",
        due_on=day(one.due_on) if one.due_on else "",
    )


def _report_by(material: Material) -> str:
    """Return the day by which the unit reports: when the last rectification is due."""
    due = [one.due_on for one in material.told if one.due_on]
    return day(max(due)) if due else ""
