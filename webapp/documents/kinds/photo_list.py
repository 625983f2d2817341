"""影像资料说明: of each picture who took it, when, where, with what, what it shows, its digest."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import sheet, working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask
from webapp.documents.snapshot import Drafted

ASKS = (
    ask("place", "short_text", "拍摄地点", "Place", max_length=100),
    ask("device", "short_text", "拍摄设备", "Device", max_length=60),
    ask(
        "pictures", "table", "影像资料", "Pictures",
        columns=(
            ask("mark", "short_text", "编号", "Number", max_length=20),
            ask("taken_by", "short_text", "拍摄人", "Taken by", max_length=40),
            ask("taken_at", "datetime", "拍摄时间", "Taken at", required=False),
            ask("concerns", "short_text", "对应问题", "Concerns", max_length=60),
            ask("digest", "short_text", "哈希（SHA-256）", "Digest (SHA-256)", max_length=64),
        ),
    ),
    ask("remark", "long_text", "说明", "Remark", required=False, max_length=2000,
        hint=Text(zh="处理过的副本、没有拍摄时间的原因等。",
                  en="Edited copies, why a time is missing, and the like.")),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the visit's pictures tell; numbers are those of the site record."""
    return {
        "place": subject.answers.get("visit.place"),
        "device": "手机（随系统采集）",
        "pictures": list(_pictures(subject)),
    }


def _pictures(subject: Subject) -> Iterator[dict[str, Any]]:
    known: dict[str, str] = {}
    for question, value in subject.answers.items():
        for one in value if isinstance(value, list) else ():
            digest = one.get("sha256") if isinstance(one, dict) else None
            if digest is None or digest in known:
                continue
            known[digest] = f"证据{len(known) + 1}"
            yield {
                "row": f"p{len(known)}",
                "mark": known[digest],
                "taken_by": subject.inspectors[0].name if subject.inspectors else "",
                "taken_at": _local(one.get("taken_at"), subject.zone),
                "concerns": f"第{question.partition('.')[0]}项",
                "digest": digest,
            }


def _local(instant: str | None, zone: ZoneInfo) -> str | None:
    if not instant:
        return None
    return datetime.fromisoformat(instant).astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def facts(paper: Drafted) -> Mapping[str, object]:
    """Set the table."""
    return sheet.layout(
        paper, (("拍摄情况", ("place", "device", "remark")), ("影像目录", ("pictures",)))
    )


KIND = Kind(
    N_("影像资料说明"),
    Drafted,
    (*working.STYLES, "sheet"),
    facts,
    signers=working.signers(("inspector", N_("检查人")), ("inspector", N_("检查人"))),
    form=Form(
        group=Group.VISIT,
        summary=Text(
            zh="每张影像的拍摄人、时间、地点、设备、对应问题和哈希。",
            en="Who took each picture, when, where, with what, of what, and its digest.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
    ),
)
