"""专项督查工作方案: why, what, when, how and by whom is inspected, and the team's own rules."""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import formal
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
from webapp.documents.snapshot import Drafted

DISCIPLINE = (
    "督查人员两人以上同行，出示工作证件；与被督查单位或者有关人员有利害关系的，应当回避。\n"
    "只查阅资料、清点实物、拍照取材、询问了解，不搜查、不扣押、不限制人身，不对问题作责任认定；"
    "发现可能违纪违法的线索，按规定移交，不自行核查。\n"
    "严守保密和廉洁纪律，不接受被督查单位安排的陪餐和礼品，不泄露督查安排和了解的情况。"
)
GROUPS = ask(
    "groups", "table", "分组安排", "Groups",
    columns=(
        ask("name", "short_text", "组别", "Group", max_length=20),
        ask("leader", "short_text", "组长", "Leader", max_length=40),
        ask("members", "short_text", "组员", "Members", max_length=100),
        ask("units", "long_text", "被督查单位", "Units", max_length=400),
    ),
)  # fmt: skip
ASKS = formal.questions(
    ask("purpose", "long_text", "目的", "Purpose", max_length=2000),
    ask("basis", "long_text", "依据", "Basis", max_length=2000),
    ask("scope", "long_text", "督查内容", "What is inspected", max_length=6000),
    ask("from_on", "date", "开始日期", "From"),
    ask("to_on", "date", "结束日期", "To"),
    GROUPS,
    ask(
        "methods", "choices", "督查方式", "Methods",
        options=(
            option("overt", "明察", "Announced visits"),
            option("covert", "暗访", "Unannounced visits"),
            option("papers", "查阅资料", "Examining papers"),
            option("data", "系统比对", "Comparing data"),
        ),
    ),
    ask("sampling", "long_text", "抽样", "Sampling", max_length=2000),
    ask("duties", "long_text", "分工", "Who does what", max_length=2000),
    ask("discipline", "long_text", "工作纪律", "The team's own rules", max_length=4000),
    ask(
        "lists", "table", "所附检查清单", "Checklists enclosed",
        columns=(ask("name", "short_text", "名称", "Name", max_length=60),), required=False,
    ),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what every plan of this bureau says."""
    return {
        "title": f"{subject.on.year}年专项督查工作方案",
        "addressee": "各督查组、局属各单位",
        "purpose": "摸清制度执行情况，发现问题、督促整改，完善管理，推动作风建设落到实处。",
        "basis": "局党组年度督查工作安排。",
        "sampling": "每个单位抽查台账凭证不少于3个月，抽样范围和数量在检查记录中注明。",
        "duties": "组长负责全组工作和问题审核；督查员负责现场检查、取材和填写检查记录；"
        "记录员负责笔录和签字页。",
        "discipline": DISCIPLINE,
    }


def faults(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what nobody could follow: an end before the beginning."""
    if answers.get("from_on") and answers.get("to_on") and answers["to_on"] < answers["from_on"]:
        yield "to_on", N_("结束日期早于开始日期，请核对")


def facts(paper: Drafted) -> Mapping[str, object]:
    """Word the plan; groups and checklists go to the annexes."""
    told = said(paper)
    return formal.drafted(
        paper,
        (
            ("督查目的", told["purpose"]),
            ("督查依据", told["basis"]),
            ("督查内容", told["scope"]),
            ("时间安排", f"{formal.period(told)}。"),
            ("督查方式和抽样", f"采取{told['methods']}等方式进行。\n{told['sampling']}"),
            ("组别和分工", f"分组安排见附件。\n{told['duties']}"),
            ("工作纪律", told["discipline"]),
        ),
        annexes=[
            one
            for one in (
                formal.annex("督查分组安排表", paper.said["groups"]),
                formal.annex("检查清单目录", paper.said["lists"]),
            )
            if one.rows
        ],
    )


KIND = Kind(
    N_("专项督查工作方案"),
    Drafted,
    formal.STYLES,
    facts,
    form=Form(
        group=Group.PLAN,
        summary=Text(
            zh="一次专项督查的目的、依据、内容、时间、分组、抽样、方式和纪律。",
            en="Purpose, basis, scope, time, groups, sampling, methods and rules of a campaign.",
        ),
        about=About.NOTHING,
        asks=ASKS,
        numbering=Numbering.FORMAL,
        prefill=prefill,
        faults=faults,
        issued_by=Permission.DOCUMENT_ISSUE,
    ),
)
