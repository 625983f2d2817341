"""What was recorded at a visit, section by section, in the words and order of its paper."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from webapp.checklists import rules as checklist_rules
from webapp.checklists.definitions import Item, Question, Section
from webapp.checklists.questions import KINDS
from webapp.core.merkle import leaf_hash, root_of
from webapp.documents import snapshot as paper
from webapp.documents.wording import close, moment
from webapp.findings.rules import basis_on, visit_day

if TYPE_CHECKING:  # assembly puts the sections into their paper
    from webapp.documents.assembly import Material

LANG = "zh"
SHORT = 16  # characters of a digest that are printed
SAID_ELSEWHERE = frozenset(
    {"visit.place", "visit.started_at", "visit.ended_at", "visit.received_by", "visit.overall",
     "visit.good", "visit.unit_opinion"}
)  # fmt: skip
OWN_PLACE = frozenset({"verdict", "description", "evidence_note", "remark"})


def of_visit(material: "Material") -> Iterator[paper.Section]:
    """Yield the sections in which something was asked."""
    day_iso = visit_day(material.answers, material.issued_on)
    shown = checklist_rules.shown(material.checklist, material.answers, day_iso)
    numbers = _evidence_numbers(material, shown)
    for section in material.checklist.sections:
        laid = _section(material, section, shown, numbers, date.fromisoformat(day_iso))
        if laid.items or laid.figures or laid.tables:
            yield laid


def _section(
    material: "Material", section: Section, shown: frozenset[str], numbers: Mapping[str, str],
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
    material: "Material", item: Item, shown: frozenset[str], numbers: Mapping[str, str], on: date
) -> paper.Item:
    answers = material.answers
    asked = [q for q in item.questions if q.id in shown and q.local not in OWN_PLACE]
    told = {name: str(answers.get(f"{item.id}.{name}") or "") for name in
            ("description", "evidence_note", "remark")}  # fmt: skip
    return paper.Item(
        id=item.id,
        question=item.question.zh,
        verdict=answers.get(item.id) or "",
        verdict_text=words(item.verdict, answers),
        figures=tuple(_figures(asked, answers)),
        tables=tuple(_tables(asked, answers)),
        evidence=item.evidence.zh,
        basis=tuple(basis(asdict(b)) for b in basis_on(material.checklist, item, on)),
        photos=tuple(_photos(material, asked, numbers)),
        **told,
    )


def _figures(asked: Sequence[Question], answers: Mapping[str, Any]) -> Iterator[paper.Figure]:
    for question in asked:
        text = "" if question.kind in ("table", "photo") else words(question, answers)
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


def basis(entry: Mapping[str, Any]) -> paper.Basis:
    """Return a legal basis as papers cite it."""
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


def _evidence_numbers(material: "Material", shown: frozenset[str]) -> dict[str, str]:
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
    material: "Material", asked: Sequence[Question], numbers: Mapping[str, str]
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


def words(question: Question, answers: Mapping[str, Any]) -> str:
    """Return the answer to a question in words."""
    return close(KINDS[question.kind].text(question, answers.get(question.id), LANG))
