"""送达回证: which papers were handed to whom, how and when, and who saw it."""

from collections.abc import Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, option
from webapp.documents.rules import Retention
from webapp.documents.snapshot import Drafted

ASKS = (
    ask(
        "papers", "table", "送达文书", "Papers handed over",
        columns=(
            ask("name", "short_text", "文书名称", "Paper", max_length=100),
            ask("number", "short_text", "编号", "Number", max_length=60, required=False),
            ask("copies", "integer", "份数", "Copies", minimum=1),
        ),
    ),
    ask("receiver", "short_text", "受送达人", "Served on", max_length=60),
    ask(
        "manner", "choice", "送达方式", "How",
        options=(
            option("direct", "直接送达", "In person"),
            option("left", "留置送达", "Left there"),
            option("post", "邮寄送达", "By post"),
            option("system", "系统送达", "Through the system"),
        ),
    ),
    ask("served_place", "short_text", "送达地点", "Where", max_length=120),
    ask("served_at", "datetime", "送达时间", "When"),
    ask("signed_by", "person", "签收人", "Received by",
        hint=Text(zh="拒收的，填写在场的受送达人。", en="On refusal, who was there.")),
    ask("refusal", "long_text", "拒收事由", "Why it was refused", max_length=1000, required=False,
        required_if='manner == "left"'),
    ask("witness", "person", "见证人", "Witness", required=False, required_if='manner == "left"',
        hint=Text(zh="留置送达必填。", en="Needed where the papers are left there.")),
    ask("remark", "long_text", "备注", "Remarks", max_length=1000, required=False),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer who receives what of this visit's papers."""
    head = {"name": subject.head, "position": "负责人"} if subject.head else None
    topic = f"关于{subject.unit_name}{subject.topic}专项督查的反馈意见"
    return {
        "papers": [{"row": "p1", "name": topic[:100], "copies": 1}],
        "receiver": subject.unit_name,
        "manner": "direct",
        "served_place": subject.unit_name,
        "signed_by": head,
    }


def facts(paper: Drafted) -> Mapping[str, object]:
    """List the papers and name those who sign."""
    names = {"sign-1": paper.said["signed_by"].text}
    return working.layout(paper, names=names) | {"papers": paper.said["papers"].rows}


KIND = Kind(
    N_("送达回证"),
    Drafted,
    working.STYLES,
    facts,
    signers=working.signers(
        ("unit_head", N_("受送达人")), ("inspector", N_("送达人")), ("inspector", N_("送达人"))
    ),
    retention=Retention.YEARS_10,
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="文书送到被督查单位的凭证：文书、受送达人、方式、时间和见证。",
            en="Proof that papers reached the unit: which, to whom, how, when, seen by whom.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
    ),
)
