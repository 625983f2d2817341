"""Problems as rows of a table: what papers ask about each, filled from the confirmed findings."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from webapp.documents.kinds.base import Subject, ask, option

if TYPE_CHECKING:
    from webapp.findings.models import Finding

CATEGORY = ask("category", "short_text", "类别", "Category", max_length=40)
PROBLEM = ask("problem", "long_text", "问题", "Problem", max_length=4000)
HEADING = ask("heading", "short_text", "概括", "In short", max_length=36)
BASIS = ask("basis", "long_text", "依据", "Basis", max_length=2000, required=False)
SEVERITY = ask(
    "severity", "choice", "严重程度", "Severity",
    options=(
        option("minor", "一般", "Minor"),
        option("major", "较重", "Major"),
        option("critical", "严重", "Critical"),
    ),
)  # fmt: skip
REQUIREMENT = ask("requirement", "long_text", "整改要求", "What is required", max_length=2000)
DUE = ask("due_on", "date", "期限", "Due", required=False)
RESPONSIBLE = ask(
    "responsible", "short_text", "责任人", "Responsible", max_length=40, required=False
)


def rows_of(subject: Subject, *columns: str) -> list[dict[str, Any]]:
    """Return a row for each finding with the columns asked for."""
    return [
        {"row": f"f{number}"}
        | {key: value for key, value in _told(subject, one).items() if key in columns and value}
        for number, one in enumerate(subject.findings, start=1)
    ]


def basis_text(one: "Finding") -> str:
    """Return a finding's legal bases in one line; unverified ones say so."""
    return "；".join(
        f"《{entry['law'].strip('《》')}》{entry['article']}"
        + ("" if entry.get("verified") else "〔依据待核〕")
        for entry in one.basis
    )


def _heading(subject: Subject, one: "Finding") -> str:
    """Return what the finding is about: the checklist's own words, cut to a heading's length."""
    items = subject.inspection.version.definition.items if subject.inspection else ()
    asked = next((item.question.zh for item in items if item.id == one.item_id), one.item_id)
    return f"关于{asked.rstrip('。？?．.')[:31]}的问题"


def _told(subject: Subject, one: "Finding") -> Mapping[str, Any]:
    return {
        "category": f"{subject.topic}（{one.item_id}）",
        "heading": _heading(subject, one),
        "problem": one.facts,
        "basis": basis_text(one),
        "severity": one.severity.value,
        "requirement": one.rectification,
        "due_on": one.due_on.isoformat() if one.due_on else "",
        "responsible": subject.head,
        "state": "open",
    }
