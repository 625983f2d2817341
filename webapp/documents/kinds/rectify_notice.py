"""立行立改（限期整改）通知书: which problems a unit mends, how, by when, and how it reports."""

from collections.abc import Mapping
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import formal, problems
from webapp.documents.kinds.base import (
    About,
    Form,
    Group,
    Kind,
    Numbering,
    Subject,
    ask,
    option,
    said,
)
from webapp.documents.kinds.drawing import numeral
from webapp.documents.snapshot import Drafted

REPORTING = (
    "整改完成后，请将整改情况书面报告督查组，逐项说明措施、责任人和完成时间，并附佐证材料。"
    "不能按期完成的，应当在期限届满前说明原因，按程序申请延期。"
)
ASKS = formal.questions(
    ask(
        "mode", "choice", "整改方式", "How",
        options=(
            option("now", "立行立改", "Immediate rectification"),
            option("term", "限期整改", "Rectification within a time limit"),
        ),
    ),
    ask("basis", "long_text", "缘由", "Reason", max_length=1000),
    ask(
        "problems", "table", "问题和要求", "Problems and what is required",
        columns=(
            problems.HEADING, problems.PROBLEM, problems.BASIS, problems.REQUIREMENT, problems.DUE,
        ),
    ),
    ask("reporting", "long_text", "报告方式", "How to report", max_length=2000),
    ask("contact", "short_text", "联系人", "Contact", max_length=40),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the confirmed findings tell."""
    return {
        "title": f"关于{subject.unit_name}{subject.topic}专项督查发现问题的整改通知",
        "addressee": subject.unit_name,
        "mode": "term",
        "basis": f"督查组对你单位开展了{subject.topic}专项督查，发现以下问题。请按要求整改。",
        "problems": problems.rows_of(
            subject, "heading", "problem", "basis", "requirement", "due_on"
        ),
        "reporting": REPORTING,
        "contact": subject.author.name,
    }


def facts(paper: Drafted) -> Mapping[str, object]:
    """Word the notice, one heading for each problem; the receipt is on the last page."""
    told = said(paper)
    rows = paper.said["problems"].rows
    listed = "\n".join(_problem(number, row) for number, row in enumerate(rows, start=1))
    receipt = (
        ("文书", f"{paper.title}（{paper.number}）"),
        ("签收单位", told["addressee"]),
        ("签收人（签名）", ""),
        ("签收时间", "　　年　　月　　日"),
    )
    return formal.drafted(
        paper,
        (
            ("", told["basis"]),
            ("存在的问题和整改要求", listed),
            ("整改方式和期限", f"以上问题{told['mode']}，各项期限见上，自送达次日起计算。"),
            ("报告方式", f"{told['reporting']}\n联系人：{told['contact']}。"),
        ),
        annexes=[formal.Annex("签收回执", ("事项", "内容"), receipt)],
    )


def _problem(number: int, row: Mapping[str, str]) -> str:
    parts = [
        f"（{numeral(number)}）{row['heading']}",
        row["problem"],
        f"依据：{row['basis']}" if row["basis"] else "",
        f"整改要求：{row['requirement']}",
        f"整改期限：{row['due_on']}前完成。" if row["due_on"] else "",
    ]
    return "\n".join(part for part in parts if part)


KIND = Kind(
    N_("整改通知书"),
    Drafted,
    formal.STYLES,
    facts,
    for_unit=True,
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="立行立改或者限期整改：问题、要求、期限和报告方式，附签收回执。",
            en="What a unit mends at once or within a time limit, and how it reports.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.FORMAL,
        prefill=prefill,
        issued_by=Permission.DOCUMENT_ISSUE,
    ),
)
