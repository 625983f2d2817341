"""整改情况报告: what a unit did about each problem, what is left and why, what will last."""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import problems, sheet, working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, option
from webapp.documents.snapshot import Drafted

ASKS = (
    ask("overall", "long_text", "总体情况", "Overall", max_length=6000),
    ask(
        "measures", "table", "逐条整改情况", "Problem by problem",
        columns=(
            problems.PROBLEM,
            ask("measure", "long_text", "整改措施和结果", "Measures, results", max_length=4000),
            problems.RESPONSIBLE,
            ask("done_on", "date", "完成时间", "Done on", required=False),
            ask("proof", "short_text", "佐证材料", "Proof", max_length=100, required=False),
            ask("outcome", "choice", "整改结果", "Outcome", options=(
                option("done", "已完成", "Done"),
                option("partly", "部分完成", "Partly done"),
                option("open", "未完成", "Not done"),
            )),
        ),
    ),
    ask("unfinished", "long_text", "原因和下一步计划", "What is left, why, and the plan",
        required=False, max_length=4000),
    ask("lasting", "long_text", "长效机制", "What will last", max_length=4000),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer with the confirmed findings, one row each."""
    return {
        "overall": f"{subject.unit_name}对{subject.topic}专项督查反馈的"
        f"{len(subject.findings)}个问题逐项整改，情况如下。",
        "measures": problems.rows_of(subject, "problem", "responsible"),
    }


def faults(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what does not go together: something is left, and nothing is said of it."""
    left = any(row.get("outcome") in ("partly", "open") for row in answers.get("measures") or ())
    if left and not answers.get("unfinished"):
        yield "unfinished", N_("有未完成的问题，请写明原因和下一步计划")


def facts(paper: Drafted) -> Mapping[str, object]:
    """Set the four parts."""
    parts = (
        ("总体情况", ("overall",)),
        ("逐条整改情况", ("measures",)),
        ("未完成的原因和计划", ("unfinished",)),
        ("长效机制", ("lasting",)),
    )
    names = {"sign-1": paper.unit.head if paper.unit else ""}
    return sheet.layout(paper, parts, names=names)


KIND = Kind(
    N_("整改情况报告"),
    Drafted,
    (*working.STYLES, "sheet"),
    facts,
    signers=working.signers(("unit_head", N_("单位负责人"))),
    for_unit=True,
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="总体、逐条、未完成的原因和计划、长效机制，由单位负责人起草、签名。",
            en="What was done, problem by problem, what is left and why, what will last: "
            "in the words of the unit's head.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
        faults=faults,
        drafted_by=Permission.RECTIFICATION_REPORT,
        issued_by=Permission.RECTIFICATION_REPORT,
        by_unit=True,
    ),
)
