"""督查问题清单: all problems of an inspection in one table, with who mends what by when."""

from collections.abc import Mapping
from typing import Any

from webapp.checklists.definitions import Text
from webapp.core.errors import N_
from webapp.documents.kinds import problems, working
from webapp.documents.kinds.base import About, Form, Group, Kind, Numbering, Subject, ask, option
from webapp.documents.snapshot import Drafted

STATE = ask(
    "state", "choice", "状态", "State",
    options=(
        option("open", "整改中", "Under way"),
        option("done", "已整改", "Mended"),
        option("closed", "已销号", "Closed"),
    ),
)  # fmt: skip
COLUMNS = (
    problems.CATEGORY, problems.PROBLEM, problems.BASIS, problems.SEVERITY, problems.REQUIREMENT,
    problems.DUE, problems.RESPONSIBLE, STATE,
)  # fmt: skip
ASKS = (
    ask("as_of", "date", "统计日期", "As of"),
    ask("problems", "table", "问题", "Problems", columns=COLUMNS),
    ask("remark", "long_text", "说明", "Remark", required=False, max_length=2000),
)


def prefill(subject: Subject) -> Mapping[str, Any]:
    """Answer what the confirmed findings tell."""
    return {
        "as_of": subject.on.isoformat(),
        "problems": problems.rows_of(subject, *(column.id for column in COLUMNS)),
    }


def facts(paper: Drafted) -> Mapping[str, object]:
    """Return the table and who signs."""
    return working.layout(paper) | {
        "columns": paper.said["problems"].columns,
        "problems": paper.said["problems"].rows,
    }


KIND = Kind(
    N_("督查问题清单"),
    Drafted,
    (*working.STYLES, "landscape"),
    facts,
    signers=working.signers(
        ("inspector", N_("检查人")), ("inspector", N_("检查人")), ("unit_head", N_("被检查单位"))
    ),
    for_unit=True,
    form=Form(
        group=Group.FINDINGS,
        summary=Text(
            zh="一次督查的全部问题：类别、依据、程度、整改要求、期限、责任人和状态。",
            en="All problems of an inspection with basis, severity, requirement, due day, state.",
        ),
        about=About.INSPECTION,
        asks=ASKS,
        numbering=Numbering.WORKING,
        prefill=prefill,
    ),
)
