"""谈话（了解情况）记录: who was asked what and answered what, confirmed by the one who answered.

An internal inspection talks with people; it does not interrogate: the words 询问笔录 and 讯问 are
not used, and nobody is asked for a fingerprint.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import working
from webapp.documents.kinds.base import (
    About,
    Form,
    Group,
    Kind,
    Numbering,
    Subject,
    ask,
)
from webapp.documents.snapshot import Drafted

TALKERS_LEAST = 2
TOLD = (
    "我们是局党组专项督查组的工作人员，现就专项督查中的有关事项向你了解情况。"
    "这是系统内部的督查谈话，请你如实说明，不清楚的可以说不清楚；"
    "与本人或者近亲属有利害关系的，可以申请谈话人回避。"
    "谈话记录交你核对，记录有遗漏或者差错的，可以补充更正。"
)
ASKS = (
    ask("spoken_to", "person", "谈话对象", "Person spoken to"),
    ask("spoken_unit", "short_text", "所在单位", "Their unit", max_length=60),
    ask("place", "short_text", "谈话地点", "Place", max_length=100),
    ask("started_at", "datetime", "开始时间", "Begun at"),
    ask("ended_at", "datetime", "结束时间", "Ended at"),
    ask(
        "talkers", "table", "谈话人", "Spoken to by",
        hint=Text(zh="不少于两人。", en="At least two people."),
        columns=(
            ask("name", "short_text", "姓名", "Name", max_length=40),
            ask("position", "short_text", "职务", "Position", max_length=60, required=False),
        ),
    ),
    ask("recorder", "person", "记录人", "Recorder"),
    ask("reason", "long_text", "谈话事由", "What it is about", max_length=1000),
    ask("told", "long_text", "告知内容", "What they were told first", max_length=2000),
    ask(
        "exchanges", "table", "谈话内容", "Questions and answers",
        hint=Text(zh="一问一答为一行，按原话记录。", en="One question and answer a row."),
        columns=(
            ask("question", "long_text", "问", "Question", max_length=2000),
            ask("answer", "long_text", "答", "Answer", max_length=8000),
        ),
    ),
    ask("corrections", "long_text", "核对更正", "Corrections", max_length=4000, required=False,
        hint=Text(zh="谈话对象核对后要求更正、补充的内容；没有就留空。",
                  en="What was corrected or added on checking; leave empty for nothing.")),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the visit tells: the unit, its head, the place, the team."""
    team = [working.person(user) for user in subject.inspectors]
    return {
        "spoken_to": {"name": subject.head, "position": ""} if subject.head else None,
        "spoken_unit": subject.unit_name,
        "place": subject.answers.get("visit.place"),
        "talkers": [{"row": f"t{n}", **one} for n, one in enumerate(team, start=1)],
        "recorder": working.person(subject.author),
        "reason": f"了解{subject.unit_name}{subject.topic}专项督查中的有关情况。",
        "told": TOLD,
    }


def faults(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what would make the record worthless: fewer than two who spoke, an end before."""
    if len(answers.get("talkers") or ()) < TALKERS_LEAST:
        yield "talkers", N_("谈话人不少于两人，请补上另一位")
    started, ended = answers.get("started_at"), answers.get("ended_at")
    if started and ended and ended < started:
        yield "ended_at", N_("结束时间早于开始时间，请核对")


def facts(paper: Drafted) -> Mapping[str, object]:
    """Name those who spoke and set questions and answers."""
    talkers = [
        f"{row['name']}（{row['position']}）" if row.get("position") else row["name"]
        for row in paper.said["talkers"].rows
    ]
    boxes = ("sign-2", "sign-3")
    names = {"sign-1": paper.said["spoken_to"].text, **dict(zip(boxes, talkers, strict=False))}
    return working.layout(paper, names=names) | {
        "talkers": "、".join(talkers),
        "exchanges": paper.said["exchanges"].rows,
    }


KIND = Kind(
    N_("谈话记录"),
    Drafted,
    working.STYLES,
    facts,
    signers=working.signers(
        ("spoken_to", N_("谈话对象")), ("inspector", N_("谈话人")), ("inspector", N_("谈话人"))
    ),
    form=Form(
        group=Group.VISIT,
        summary=Text(
            zh="向有关人员了解情况，一问一答，由本人核对确认。",
            en="What somebody was asked and answered, checked and confirmed by them.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
        faults=faults,
    ),
)
