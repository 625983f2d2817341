"""Plausible answers to a whole checklist, from the tables of facts and failures."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from webapp.checklists import rules
from webapp.checklists.definitions import Checklist, Item
from webapp.cli.demo.facts import DOUBTED, SELDOM, SOUND, At, Day, Figures, Into
from webapp.cli.demo.failures import FAILURES

WHERE = {
    "official-vehicles": "办公楼、停车场和派车室",
    "official-receptions": "财务室和机关食堂",
    "wedding-funeral": "会议室",
    "eight-prohibitions": "值班室和服务窗口",
}
GOOD = (
    "台账装订整齐，经办人对制度熟悉，配合督查主动。",
    "日常登记基本及时，能够当场提供所查材料。",
    "负责人重视，上次提醒的事项已经改正。",
)
OVERALL = (
    "本次检查清单所列范围内，多数事项符合要求，个别环节登记不细。",
    "制度健全，执行总体到位，发现的问题已当场向单位说明。",
    "总体情况较好，需要在日常登记和及时公示上再加强。",
)
REMARKS = ("已当场说明要求。", "经办人已知晓。", "上次督查时同样符合。")
MINUTE = "%Y-%m-%dT%H:%M"
NOT_HERE = "本单位在检查范围内没有此类事项。"


def answers(
    checklist: Checklist,
    *,
    begun: datetime,
    failed: Sequence[str],
    doubted: Sequence[str],
    rng: Random,
) -> dict[str, Any]:
    """Return the answers to all items, in form order; the visit's own are ``visit_answers``.

    ``begun`` is when the visit began, in local time.
    """
    given: dict[str, Any] = {}
    for item in checklist.items:
        given.update(
            _item(item, begun, failed=item.id in failed, doubted=item.id in doubted, rng=rng)
        )
    asked = rules.shown(checklist, given, begun.date().isoformat())
    return {question: value for question, value in given.items() if question in asked}


def visit_answers(
    checklist: Checklist, *, unit: str, head: Mapping[str, str], begun: datetime, ended: datetime,
    opinion: str, rng: Random,
) -> dict[str, Any]:  # fmt: skip
    """Return what is said of the visit as a whole; both moments are local."""
    return {
        "visit.place": f"{unit}{WHERE[checklist.id]}",
        "visit.started_at": begun.strftime(MINUTE),
        "visit.ended_at": ended.strftime(MINUTE),
        "visit.received_by": dict(head),
        "visit.credentials_shown": "yes",
        "visit.overall": rng.choice(OVERALL),
        "visit.good": rng.choice(GOOD),
        "visit.unit_opinion": opinion,
    }


def _item(
    item: Item, begun: datetime, *, failed: bool, doubted: bool, rng: Random
) -> Iterator[tuple[str, Any]]:
    if failed:
        failure = FAILURES[item.id]
        yield item.id, "no"
        yield from _figures(item, failure.figures, begun)
        yield f"{item.id}.description", failure.facts
        yield f"{item.id}.evidence_note", failure.papers
        return
    if item.id in SELDOM and not doubted and rng.random() < 0.5:
        yield item.id, "na"
        if rng.random() < 0.4:
            yield f"{item.id}.remark", NOT_HERE
        return
    yield item.id, "yes"
    sound = rng.choice(SOUND.get(item.id, ({},)))
    yield from _figures(item, DOUBTED[item.id] if doubted else sound, begun)
    if rng.random() < 0.3:
        yield f"{item.id}.evidence_note", item.evidence.zh
    if rng.random() < 0.06:
        yield f"{item.id}.remark", rng.choice(REMARKS)


def _figures(item: Item, figures: Figures, begun: datetime) -> Iterator[tuple[str, Any]]:
    for local, value in figures.items():
        yield f"{item.id}.{local}", _told(value, begun)


def _told(value: Any, begun: datetime) -> Any:
    """Return a figure as it is stored, its days counted from the visit."""
    if isinstance(value, Day):
        return (begun.date() + timedelta(days=value.days)).isoformat()
    if isinstance(value, At):
        day = begun.date() + timedelta(days=value.days)
        return f"{day.isoformat()}T{value.clock}"
    if isinstance(value, Into):
        return (begun + timedelta(minutes=value.minutes)).strftime(MINUTE)
    if isinstance(value, tuple):
        return [
            {"row": f"r{place}"} | {key: _told(cell, begun) for key, cell in row.items()}
            for place, row in enumerate(value, 1)
        ]
    return value
