"""What people's own reports of weddings and funerals (婚丧喜庆) share: questions, notes, signers.

A report states facts.  What calls for a second look is printed as such (提示) and refuses nothing:
whoever fears a refusal leaves out the fact.  No guest list, no papers of third persons.

Source: 《婚丧喜庆报备》领域说明 §4; the limits themselves are local and not judged here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Question, Text
from webapp.core.errors import N_
from webapp.documents.kinds import working
from webapp.documents.kinds.base import (
    About,
    Faults,
    Form,
    Group,
    Kind,
    Numbering,
    Prefill,
    Subject,
    ask,
    option,
)
from webapp.documents.rules import Retention
from webapp.documents.snapshot import Drafted

SIGNERS = working.signers(("reporter", N_("报告人")), ("supervisor", N_("审核人")))
YES_NO = (option("no", "否", "No"), option("yes", "是", "Yes"))
REPORTER = (
    ask("reporter", "person", "报告人", "Reporter"),
    ask("reporter_unit", "short_text", "单位", "Unit", max_length=60),
    ask("phone", "short_text", "联系电话", "Telephone", max_length=30, required=False),
)
KIND_OF_EVENT = ask(
    "event_kind", "choice", "事项种类", "Kind of event",
    options=(
        option("wedding", "婚礼", "Wedding"),
        option("funeral", "葬礼", "Funeral"),
        option("other", "其他", "Other"),
    ),
)  # fmt: skip
WHOSE = (
    ask("whose", "short_text", "当事人", "Whose event", max_length=40,
        hint=Text(zh="丧事填写逝者。", en="For a funeral, the deceased.")),
    ask("relation", "choice", "与报告人关系", "Relation to the reporter",
        options=(
            option("self", "本人", "The reporter"),
            option("spouse", "配偶", "Spouse"),
            option("child", "子女", "Child"),
            option("parent", "父母（含配偶父母）", "Parent (or parent-in-law)"),
            option("other", "其他共同生活成员", "Other member of the household"),
        )),
)  # fmt: skip
PLACE = ask("place", "short_text", "场所名称、地址", "Place and address", max_length=120)
JOINT = ask("joint", "choice", "是否与对方同城合办", "Held jointly with the other family",
            options=YES_NO)  # fmt: skip
COUNTS = (
    ask("guests", "integer", "人数", "Guests", minimum=0, unit=Text(zh="人", en="people")),
    ask("tables", "integer", "桌数", "Tables", minimum=0, unit=Text(zh="桌", en="tables")),
)
CARS = (
    ask("cars", "integer", "车辆数", "Vehicles", minimum=0, unit=Text(zh="辆", en="vehicles")),
    ask("official_cars", "integer", "其中公车", "Official vehicles among them", minimum=0,
        unit=Text(zh="辆", en="vehicles")),
)  # fmt: skip
SERVED = ask(
    "served", "choice", "有无管理服务对象、下属参加", "Persons under one's authority invited",
    options=(option("no", "无", "None"), option("yes", "有", "Some")),
)  # fmt: skip
REMARK = ask("remark", "long_text", "其他说明", "Remarks", max_length=2000, required=False)


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer who reports."""
    author = subject.author
    return {"reporter": working.person(author), "reporter_unit": author.unit.name}


def ended_before(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield an event that ends before it begins."""
    started, ended = answers.get("started_on"), answers.get("ended_on")
    if started and ended and ended < started:
        yield "ended_on", N_("结束日期早于开始日期，请核对")


def notes(paper: Drafted) -> tuple[str, ...]:
    """Return what whoever looks at the report should look at twice."""
    value = {key: one.value for key, one in paper.said.items()}
    found = (
        (value.get("official_cars"), "报告有公车参加，请核实来源和用途。"),
        (value.get("served") == "yes", "报告有管理服务对象或者下属参加，请核实。"),
        (value.get("funding") == "others", "报告费用由他人支付，请核实。"),
        (value.get("event_kind") == "other", "婚丧以外的事项，请对照本地规定核实能否办理。"),
        (
            value.get("gifts_money") not in (None, "0.00"),
            "报告有不符合规定收受的礼金，请核对处置凭证。",
        ),
    )
    return tuple(words for holds, words in found if holds)


def facts(paper: Drafted) -> Mapping[str, object]:
    """Name the reporter at the place to sign, and what to look at twice."""
    return working.layout(paper, names={"sign-1": paper.said["reporter"].text}) | {
        "notes": notes(paper)
    }


def form(
    asks: tuple[Question, ...], *, zh: str, en: str, prefill: Prefill = prefill,
    faults: Faults = ended_before,
) -> Form:  # fmt: skip
    """Return how somebody drafts and files a report of their own."""
    return Form(
        group=Group.OWN,
        summary=Text(zh=zh, en=en),
        about=About.NOTHING,
        asks=asks,
        numbering=Numbering.REPORT,
        prefill=prefill,
        faults=faults,
        drafted_by=Permission.REPORT_FILE,
        issued_by=Permission.REPORT_FILE,
    )


def kind(name: str, asks: tuple[Question, ...], *, zh: str, en: str) -> Kind:
    """Return a report that its author and then whoever examines it sign."""
    return Kind(
        name, Drafted, working.STYLES, facts,
        signers=SIGNERS, retention=Retention.YEARS_10, form=form(asks, zh=zh, en=en),
    )  # fmt: skip
