"""婚丧喜庆事项承诺书: what the reporter promises, in the first person."""

from collections.abc import Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import reports, working
from webapp.documents.kinds.base import Kind, Subject, ask
from webapp.documents.kinds.drawing import numeral
from webapp.documents.rules import Retention
from webapp.documents.snapshot import Drafted

PROMISES = (
    "不大操大办，不分批、分地变相多办，不铺张浪费。",
    "不邀请管理服务对象、下属和有业务往来的单位、个人。",
    "不违规收受礼金、礼品、电子红包和各类卡券；确实没能拒收的，按规定退还或者上交。",
    "不用公款支付或者报销费用，不由他人代付费用。",
    "不使用公车、单位场所、公物，不安排单位工作人员帮办。",
    "不搞封建迷信，不妨碍公务和公共秩序。",
    "如实报告，自觉接受组织和群众监督。",
)
ASKS = (
    *reports.REPORTER,
    ask("report_no", "short_text", "事前报告编号", "Number of the report before", max_length=30,
        required=False),
    reports.KIND_OF_EVENT,
    *reports.WHOSE,
    ask("started_on", "date", "活动日期", "Takes place on"),
    ask("promises", "long_text", "承诺内容", "What is promised", max_length=3000,
        hint=Text(zh="每行一条。", en="One promise a line.")),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer who promises what."""
    return {**reports.prefill(subject), "promises": "\n".join(PROMISES)}


def facts(paper: Drafted) -> Mapping[str, object]:
    """Give each promise its number."""
    lines = paper.said["promises"].text.splitlines()
    numbered = [(numeral(n), line) for n, line in enumerate(filter(str.strip, lines), start=1)]
    return {**reports.facts(paper), "promises": numbered}


KIND = Kind(
    N_("婚丧喜庆事项承诺书"),
    Drafted,
    working.STYLES,
    facts,
    signers=working.signers(("reporter", N_("承诺人"))),
    retention=Retention.YEARS_10,
    form=reports.form(
        ASKS,
        zh="办理婚丧喜庆事项前，本人对组织作出的承诺，与事前报告一并提交。",
        en="What one promises before a wedding or funeral, filed with the report before.",
        prefill=prefill,
    ),
)
