"""督查人员承诺书: those who inspect promise secrecy, probity, and to warn nobody."""

from collections.abc import Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import sheet, working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, rows
from webapp.documents.snapshot import Drafted

PROMISES = "\n".join((
    "1.严守保密纪律：督查方案、线索、谈话和未公开的情况不对外说，材料不带离、不私自复制。",
    "2.严守廉洁纪律：不接受被督查单位和有关人员的宴请、礼品礼金和其他安排。",
    "3.不跑风漏气，不打招呼，不替人说情。",
    "4.本人或者近亲属与被督查单位、人员有利害关系的，主动申请回避。",
    "5.依规督查，两人以上同行，如实记录，不超出职责权限。",
))  # fmt: skip
ASKS = (
    ask("task", "short_text", "督查任务", "The inspection", max_length=100),
    ask(
        "people", "table", "承诺人", "Who promises",
        columns=(
            ask("name", "short_text", "姓名", "Name", max_length=40),
            ask("position", "short_text", "职务", "Position", max_length=60, required=False),
        ),
    ),
    ask("promises", "long_text", "承诺内容", "What is promised", max_length=3000),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer which inspection, who, and what is promised."""
    team = [working.person(user) for user in subject.inspectors]
    return {
        "task": f"{subject.unit_name}{subject.topic}专项督查",
        "people": [{"row": f"p{n}", **one} for n, one in enumerate(team, start=1)],
        "promises": PROMISES,
    }


def facts(paper: Drafted) -> Mapping[str, object]:
    """Set the parts and name the first two."""
    people = [row["name"] for row in rows(paper)["people"]]
    parts = (("督查任务", ("task", "people")), ("承诺", ("promises",)))
    names = dict(zip(("sign-1", "sign-2"), people, strict=False))
    return sheet.layout(paper, parts, names=names)


KIND = Kind(
    N_("督查人员承诺书"),
    Drafted,
    (*working.STYLES, "sheet"),
    facts,
    signers=working.signers(("inspector", N_("督查人员")), ("inspector", N_("督查人员"))),
    form=Form(
        group=Group.VISIT,
        summary=Text(
            zh="督查人员进点前承诺保密、廉洁、不跑风漏气、主动回避。",
            en="Before a visit the team promises secrecy, probity, and to step back when partial.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
    ),
)
