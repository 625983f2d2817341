"""问题销号审批单: one problem, what was done, the proof, the second look, and who approves."""

from collections.abc import Mapping
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import sheet, working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, option
from webapp.documents.snapshot import Drafted

ASKS = (
    ask("problem_no", "short_text", "问题编号", "Problem number", max_length=40),
    ask("problem", "long_text", "问题", "Problem", max_length=6000),
    ask("mended", "long_text", "整改情况", "What was done", max_length=6000),
    ask("proof", "long_text", "佐证材料", "Proof", max_length=2000),
    ask("recheck", "long_text", "复查情况", "Second look", max_length=4000,
        hint=Text(zh="复查人、时间、方式和结果；写复查记录的编号。",
                  en="Who looked, when, how, the outcome; the number of the record.")),
    ask("proposal", "choice", "销号建议", "Proposal", options=(
        option("close", "同意销号", "Close"),
        option("refuse", "不予销号，继续整改", "Do not close, go on mending"),
        option("unfounded", "经核实不属实，销号留档", "Unfounded, close and keep on file"),
    )),
    ask("opinion", "long_text", "审批意见", "Approver's opinion", required=False, max_length=2000,
        hint=Text(zh="由审批人填写；留空则在纸上手写。",
                  en="For the approver; left empty, it is written by hand.")),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the finding tells."""
    one = subject.findings[0]
    number = subject.inspection.number if subject.inspection else ""
    return {"problem_no": f"{number}-{one.item_id}", "problem": one.facts}


def facts(paper: Drafted) -> Mapping[str, object]:
    """Set the parts."""
    parts = (
        ("问题和整改", ("problem_no", "problem", "mended", "proof")),
        ("复查和审批", ("recheck", "proposal", "opinion")),
    )
    return sheet.layout(paper, parts, by_hand=("opinion",))


KIND = Kind(
    N_("问题销号审批单"),
    Drafted,
    (*working.STYLES, "sheet"),
    facts,
    signers=working.signers(
        ("inspector", N_("复查人")), ("inspector", N_("复查人")), ("supervisor", N_("审批人"))
    ),
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="一个问题的整改、佐证、复查和审批；批准后才能销号。",
            en="One problem: what was done, proof, second look, approval to close it.",
        ),
        about=About.FINDING,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
        issued_by=Permission.DOCUMENT_ISSUE,
    ),
)
