"""专项督查情况报告: what an inspection found, why, what was done, what is proposed.

An upward document (上行文): it names who signed it off (签发人) beside its number.
"""

from collections.abc import Mapping
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import formal
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, said
from webapp.documents.kinds.drawing import numeral
from webapp.documents.snapshot import Drafted

ASKS = formal.questions(
    ask("signed_off_by", "short_text", "签发人", "Signed off by", max_length=20),
    ask("overview", "long_text", "概况", "Overview", max_length=6000),
    ask("problems", "long_text", "发现的问题", "Problems found", max_length=10_000),
    ask("causes", "long_text", "原因分析", "Causes", max_length=6000),
    ask("handling", "long_text", "处理情况", "What was done", max_length=6000),
    ask("proposals", "long_text", "工作建议", "Proposals", max_length=6000),
    ask(
        "enclosures", "table", "附件清单", "Enclosures", required=False,
        columns=(
            ask("name", "short_text", "名称", "Name", max_length=60),
            ask("number", "short_text", "编号", "Number", max_length=40, required=False),
        ),
    ),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the inspection tells; causes and proposals are people's to write."""
    count = len(subject.findings)
    listed = "\n".join(
        f"（{numeral(number)}）{one.facts}" for number, one in enumerate(subject.findings, start=1)
    )
    found = f"发现需要整改的问题{count}个" if count else "在督查范围内没有提出需要整改的问题"
    number = subject.inspection.number if subject.inspection else ""
    return {
        "title": f"关于{subject.unit_name}{subject.topic}专项督查情况的报告",
        "addressee": "局党组",
        "overview": f"按照年度督查工作安排，督查组对{subject.unit_name}开展了{subject.topic}"
        f"专项督查，{found}。现将有关情况报告如下。",
        "problems": listed,
        "handling": "已向被督查单位反馈，提出整改要求和期限。",
        "enclosures": [{"row": "e1", "name": "现场检查记录", "number": f"{number}-01"}],
    }


def facts(paper: Drafted) -> Mapping[str, object]:
    """Word the report; a problem's number stands before its text."""
    told = said(paper)
    enclosed = paper.said["enclosures"]
    return formal.drafted(
        paper,
        (
            ("", told["overview"]),
            ("发现的问题", told["problems"]),
            ("原因分析", told["causes"]),
            ("处理情况", told["handling"]),
            ("工作建议", told["proposals"]),
            ("", "特此报告。"),
        ),
        annexes=[formal.annex("有关材料目录", enclosed)] if enclosed.rows else [],
    ) | {"signed_off_by": told["signed_off_by"]}


KIND = Kind(
    N_("专项督查情况报告"),
    Drafted,
    formal.STYLES,
    facts,
    form=Form(
        group=Group.REPORT,
        summary=Text(
            zh="向党组报告一次专项督查的概况、问题、原因、处理和建议。",
            en="Reports an inspection to the Party group: findings, causes, handling, proposals.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.FORMAL,
        prefill=prefill,
        issued_by=Permission.DOCUMENT_ISSUE,
    ),
)
