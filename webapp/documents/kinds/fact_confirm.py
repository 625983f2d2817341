"""问题事实确认书: one problem as found, its basis and evidence, and what the unit says to it."""

from collections.abc import Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import problems, working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask
from webapp.documents.snapshot import Drafted

CONFIRM_DAYS = 3
ASKS = (
    ask("problem", "long_text", "问题描述", "Problem", max_length=6000),
    ask("basis", "long_text", "依据条款", "Basis", max_length=2000),
    ask(
        "evidence", "table", "证据", "Evidence",
        columns=(
            ask("name", "short_text", "材料或影像", "Paper or picture", max_length=100),
            ask("source", "short_text", "来源、页码", "Source, page", max_length=100,
                required=False),
        ),
    ),
    ask("responsible", "person", "责任人", "Responsible"),
    ask(
        "statement", "long_text", "单位说明或者异议", "The unit's explanation or objection",
        required=False, max_length=4000,
        hint=Text(zh="由被督查单位填写；留空则在纸上手写。",
                  en="For the unit to fill in; left empty, it is written by hand.")
    ),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the finding and the visit tell."""
    one = subject.findings[0]
    note = subject.answers.get(f"{one.item_id}.evidence_note")
    number = subject.inspection.number if subject.inspection else ""
    record = {"row": "e1", "name": "现场检查记录", "source": f"{number}-01，第{one.item_id}项"}
    papers = [{"row": "e2", "name": note[:100]}] if isinstance(note, str) and note else []
    return {
        "problem": one.facts,
        "basis": problems.basis_text(one),
        "evidence": [record, *papers],
        "responsible": {"name": subject.head, "position": "负责人"} if subject.head else None,
    }


def facts(paper: Drafted) -> Mapping[str, object]:
    """Return what is stated and who signs."""
    return working.layout(paper, names={"sign-3": paper.said["responsible"].text}) | {
        "evidence": paper.said["evidence"].rows,
        "days": CONFIRM_DAYS,
    }


KIND = Kind(
    N_("问题事实确认书"),
    Drafted,
    working.STYLES,
    facts,
    signers=working.signers(
        ("inspector", N_("检查人")),
        ("inspector", N_("检查人")),
        ("responsible", N_("责任人")),
        ("unit_head", N_("单位负责人")),
    ),
    for_unit=True,
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="一个问题的事实、依据和证据，由责任人和单位核对，可以说明或者提出异议。",
            en="The facts of one problem with basis and evidence, for the unit to confirm.",
        ),
        about=About.FINDING,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
    ),
)
