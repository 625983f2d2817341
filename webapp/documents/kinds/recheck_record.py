"""复查（回头看）记录: at least two people look again at what was mended, and conclude."""

from collections.abc import Iterator, Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import problems, sheet, working
from webapp.documents.kinds.base import (
    About,
    Form,
    Group,
    Kind,
    Numbering,
    Subject,
    ask,
    option,
    rows,
)
from webapp.documents.snapshot import Drafted

CHECKERS_LEAST = 2
ASKS = (
    ask("checked_at", "datetime", "复查时间", "Rechecked at"),
    ask("place", "short_text", "复查地点", "Place", max_length=100),
    ask(
        "checkers", "table", "复查人", "Rechecked by",
        hint=Text(zh="不少于两人。", en="At least two people."),
        columns=(
            ask("name", "short_text", "姓名", "Name", max_length=40),
            ask("position", "short_text", "职务", "Position", max_length=60, required=False),
        ),
    ),
    ask(
        "checks", "table", "抽查情况", "What was looked at",
        columns=(
            problems.PROBLEM,
            ask("looked_at", "long_text", "抽查内容", "Looked at", max_length=2000),
            ask("outcome", "choice", "结果", "Outcome", options=(
                option("done", "已整改", "Mended"),
                option("partly", "部分整改", "Partly mended"),
                option("open", "未整改", "Not mended"),
            )),
            ask("pictures", "short_text", "照片编号", "Pictures", max_length=60, required=False),
        ),
    ),
    ask("conclusion", "choice", "复查结论", "Conclusion", options=(
        option("pass", "通过，建议销号", "Passed, to be closed"),
        option("partly", "部分通过，其余继续整改", "Passed in part, the rest goes on"),
        option("fail", "未通过，重新整改", "Not passed, to be mended again"),
    )),
    ask("remark", "long_text", "说明", "Remark", required=False, max_length=2000),
)  # fmt: skip


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the visit tells: the place, the team, the problems."""
    team = [working.person(user) for user in subject.inspectors]
    return {
        "place": subject.answers.get("visit.place"),
        "checkers": [{"row": f"c{n}", **one} for n, one in enumerate(team, start=1)],
        "checks": problems.rows_of(subject, "problem"),
    }


def faults(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what makes the record worthless: one person alone, a pass that its rows deny."""
    if len(answers.get("checkers") or ()) < CHECKERS_LEAST:
        yield "checkers", N_("复查人不少于两人，请补上另一位")
    outcomes = {row.get("outcome") for row in answers.get("checks") or ()}
    if answers.get("conclusion") == "pass" and outcomes & {"partly", "open"}:
        yield "conclusion", N_("还有没整改到位的问题，结论不能是通过")


def facts(paper: Drafted) -> Mapping[str, object]:
    """Set the parts and name those who look."""
    checkers = [row["name"] for row in rows(paper)["checkers"]]
    names = dict(zip(("sign-1", "sign-2"), checkers, strict=False))
    names["sign-3"] = paper.unit.head if paper.unit else ""
    parts = (
        ("复查基本情况", ("checked_at", "place", "checkers")),
        ("抽查情况", ("checks",)),
        ("复查结论", ("conclusion", "remark")),
    )
    return sheet.layout(paper, parts, names=names)


KIND = Kind(
    N_("复查记录"),
    Drafted,
    (*working.STYLES, "sheet"),
    facts,
    signers=working.signers(
        ("inspector", N_("复查人")), ("inspector", N_("复查人")), ("unit_head", N_("单位负责人"))
    ),
    for_unit=True,
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="两人以上回头看：抽查哪些问题、结果、照片和结论。",
            en="A second look by at least two people: what, with what outcome, conclusion.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
        faults=faults,
    ),
)
