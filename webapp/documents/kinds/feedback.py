"""督查反馈意见书: what the bureau tells the inspected unit, laid out as GB/T 9704—2012 asks.

It states facts and what still needs verification (疑点); it never calls anything a breach.

Source: 《党政机关公文格式》 GB/T 9704—2012 for the layout.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.core.errors import N_
from webapp.documents.kinds.base import Kind
from webapp.documents.kinds.drawing import numeral
from webapp.documents.kinds.formal import layout
from webapp.documents.kinds.site_record import tally
from webapp.documents.snapshot import Finding, Record

REQUIREMENTS = (
    "请你单位对照上述问题逐项核实，制定整改措施，明确责任人和完成时限，整改一项、销号一项；"
    "对制度和管理上的原因，一并研究完善。",
    "整改完成后，书面报告整改情况，并附佐证材料。对事实有异议的，请同时书面说明并提供材料。",
)
DISCIPLINE = (
    "请你单位如实反映情况、按期完成整改，不得弄虚作假，不得打听、追查反映问题的人员，"
    "不得对其进行任何形式的打击报复。",
)
CAUTION = (
    "以上为检查当日核对的事实和有待进一步核实的疑点，供你单位核查整改，"
    "不是对任何单位或者个人作出的责任认定。"
)
NOTHING = "在本次检查的范围和时间内，没有提出需要整改的问题。"


@dataclass(frozen=True)
class Problem:
    """A finding as a numbered paragraph with its heading."""

    number: str
    heading: str
    finding: Finding


def facts(snapshot: Record) -> Mapping[str, object]:
    """Word and number the statement."""
    own = snapshot.feedback
    questions = {item.id: item.question for part in snapshot.sections for item in part.items}
    return {
        **layout(snapshot, copies=own.copies_to, printed_on=own.printed_on),
        "intro": own.intro or _intro(snapshot),
        "problems": [
            Problem(f"（{numeral(number)}）", _heading(finding, questions), finding)
            for number, finding in enumerate(snapshot.findings, start=1)
        ],
        "requirements": own.requirements or REQUIREMENTS,
        "discipline": own.discipline or DISCIPLINE,
        "caution": CAUTION,
        "nothing": NOTHING,
    }


def _heading(finding: Finding, questions: Mapping[str, str]) -> str:
    if finding.title:
        return finding.title.rstrip("。．.")
    question = questions.get(finding.item_id, "").rstrip("。？?．.")
    return f"关于{question}的问题" if question else "检查中反映的问题"


def _intro(snapshot: Record) -> str:
    visit = snapshot.inspection
    count = tally([item for section in snapshot.sections for item in section.items])
    return (
        f"按照专项督查工作安排，督查组于{visit.started_at}至{visit.ended_at}，"
        f"在{visit.place}对你单位进行了现场检查，使用《{snapshot.checklist.title}》，"
        f"共{count['all']}项，其中符合{count['yes']}项、不符合{count['no']}项、"
        f"不适用{count['na']}项"
        + (f"、未检查{count['open']}项" if count["open"] else "")
        + "。现将有关情况反馈如下。"
    )


KIND = Kind(N_("督查反馈意见书"), Record, ("document", "formal"), facts, for_unit=True)
