"""督查通知书: tells a unit that it will be inspected, on what, when, by whom, and what to prepare.

Not for unannounced visits (暗访), which are not told.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import formal
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, said
from webapp.documents.rules import Retention
from webapp.documents.snapshot import Drafted

NOTICE_DAYS = 2
COOPERATION = (
    "请提前准备有关台账、凭证和制度文件，如实提供情况，安排一名联络员配合工作。\n"
    "督查期间不安排陪餐，不收受礼品礼金，不影响正常办公和对外服务。"
)
ASKS = formal.questions(
    ask("basis", "long_text", "缘由和依据", "Reason and basis", max_length=1000),
    ask("scope", "long_text", "督查内容", "What is inspected", max_length=4000),
    ask("from_on", "date", "开始日期", "From"),
    ask("to_on", "date", "结束日期", "To"),
    ask(
        "team", "table", "督查人员", "Inspectors",
        columns=(
            ask("name", "short_text", "姓名", "Name", max_length=40),
            ask("position", "short_text", "职务", "Position", max_length=60, required=False),
        ),
    ),
    ask("cooperation", "long_text", "配合要求", "What the unit is asked to do", max_length=4000),
    ask("contact", "short_text", "联系人", "Contact", max_length=40),
    ask("phone", "short_text", "联系电话", "Telephone", max_length=40, required=False),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the planned visit tells."""
    topic = subject.topic or "专项"
    begins = subject.inspection.planned_on if subject.inspection else None
    first = max(begins or subject.on, subject.on + timedelta(days=NOTICE_DAYS))
    return {
        "title": f"关于对{subject.unit_name}开展{topic}专项督查的通知",
        "addressee": subject.unit_name,
        "basis": "按照局党组年度督查工作安排，决定对你单位开展专项督查。现将有关事项通知如下。",
        "scope": f"{topic}的制度建设、日常管理和台账凭证情况。",
        "from_on": first.isoformat(),
        "to_on": first.isoformat(),
        "team": [
            {"row": f"t{n}", "name": user.name, "position": user.position}
            for n, user in enumerate(subject.inspectors, start=1)
        ],
        "cooperation": COOPERATION,
        "contact": subject.author.name,
    }


def faults(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a unit could not follow: an end before the beginning."""
    if answers.get("from_on") and answers.get("to_on") and answers["to_on"] < answers["from_on"]:
        yield "to_on", N_("结束日期早于开始日期，请核对")


def facts(paper: Drafted) -> Mapping[str, object]:
    """Word the notice."""
    told = said(paper)
    team = "、".join(
        row["name"] + (f"（{row['position']}）" if row.get("position") else "")
        for row in paper.said["team"].rows
    )
    phone = f"，电话：{told['phone']}" if told["phone"] else ""
    return formal.drafted(
        paper,
        (
            ("", told["basis"]),
            ("督查内容", told["scope"]),
            ("督查时间", f"{formal.period(told)}。"),
            ("督查人员", f"{team}。" if team else ""),
            ("配合要求", told["cooperation"]),
            ("联系方式", f"联系人：{told['contact']}{phone}。"),
        ),
    )


KIND = Kind(
    N_("督查通知书"),
    Drafted,
    formal.STYLES,
    facts,
    retention=Retention.YEARS_10,
    for_unit=True,
    form=Form(
        group=Group.PLAN,
        summary=Text(
            zh="告知被督查单位督查的内容、时间、人员和配合要求；暗访不发。",
            en="Tells a unit what is inspected, when and by whom; not for unannounced visits.",
        ),
        about=About.UNIT,
        asks=ASKS,
        numbering=Numbering.FORMAL,
        prefill=prefill,
        faults=faults,
        issued_by=Permission.DOCUMENT_ISSUE,
    ),
)
