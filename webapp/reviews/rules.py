"""Who may decide, on what, and what a decision must say.  Plain Python."""

import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import Checklist, Item, Question
from webapp.checklists.questions import KINDS
from webapp.core.errors import N_, Conflict, Forbidden, Invalid
from webapp.findings.rules import FindingSource, Severity

COMMENT_MOST = 2_000
OPINION_MOST = 4_000
FACTS_MOST = 20_000
RECTIFICATION_MOST = 2_000
REASON_MOST = 1_000
DAYS_MOST = 3_650


class Decision(enum.Enum):
    """What the supervisor decided."""

    APPROVED = "approved"
    RETURNED = "returned"


class Verdict(enum.Enum):
    """A supervisor's word on one finding."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"


DECIDED = {
    Decision.APPROVED: N_("%(name)s 已经通过了这次提交，不能再审核一遍"),
    Decision.RETURNED: N_("%(name)s 已经退回了这次提交，不能再审核一遍"),
}


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who would decide: person, own unit, and all that the roles allow."""

    user_id: int
    unit_id: int
    permissions: Collection[Permission]


def check_reviewer(
    reviewer: Reviewer, *, unit_id: int, team: Collection[int], opened_by: int
) -> None:
    """Check who may decide on an inspection of a unit by a team.

    :raises Forbidden: no supervisor, an own inspection, or the own unit (回避).
    """
    if Permission.INSPECTION_REVIEW not in reviewer.permissions:
        raise Forbidden(N_("只有分管领导可以审核"))
    if reviewer.user_id in team or reviewer.user_id == opened_by:
        raise Forbidden(
            N_("你参加了这次督查，不能审核自己的督查"),
            code="own_inspection",
            remedy=N_("请由其他分管领导审核。"),
        )
    if reviewer.unit_id == unit_id:
        raise Forbidden(
            N_("被督查单位是你所在的单位，应当回避"),
            code="recusal",
            remedy=N_("请由其他分管领导审核。"),
        )


def check_undecided(decision: Decision | None, *, name: str, number: int, latest: int) -> None:
    """Check that the round at hand is the newest one and that nobody has decided on it.

    :raises Conflict: somebody was first (``decided``), or a newer round came (``stale_round``).
    """
    if number != latest:
        raise Conflict(
            N_("你看的是第 %(number)d 次提交，督查员已经提交了第 %(latest)d 次"),
            code="stale_round",
            number=number,
            latest=latest,
            remedy=N_("请打开最新一次提交再审核。"),
        )
    if decision is not None:
        raise Conflict(
            DECIDED[decision],
            code="decided",
            name=name,
            remedy=N_("请刷新页面，查看审核结果。"),
        )


def check_text(text: str, most: int, *, field: str, needed: str = "") -> str:
    """Return the text without outer blanks; ``needed`` is the refusal of an empty one.

    :raises Invalid: it is empty though needed, or too long.
    """
    told = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if needed and not told:
        raise Invalid(needed, field=field)
    if len(told) > most:
        raise Invalid(
            N_("最多 %(most)d 字，现在有 %(count)d 字，请删减"),
            field=field,
            most=most,
            count=len(told),
        )
    return told


# -- findings ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a supervisor says of one finding.

    ``deadline_days`` is None for no deadline; ``reason`` tells why it is dismissed, or why its
    severity leaves the item's range.
    """

    item_id: str
    verdict: Verdict | None
    facts: str
    severity: Severity
    rectification: str
    deadline_days: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a judgement: the part, the words, what fills them."""

    part: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)


def severities(item: Item) -> tuple[Severity, ...]:
    """Return the severities that an item may have without a reason."""
    ranks = list(Severity)
    least = ranks.index(Severity(item.severity))
    return tuple(ranks[least : ranks.index(Severity(item.severity_up_to or item.severity)) + 1])


def faults(judgement: Judgement, item: Item, source: FindingSource) -> list[Fault]:
    """Return all that is wrong with a judgement, in the order of the form."""
    if judgement.verdict is None:
        return [Fault("decision", N_("请选择认定或不作问题"))]
    found = [_too_long("reason", judgement.reason, REASON_MOST)]
    if judgement.verdict is Verdict.DISMISS:
        if source is FindingSource.ITEM and not judgement.reason.strip():
            found.append(Fault("reason", N_("督查员判定不符合，不作问题的须写明理由")))
        return [fault for fault in found if fault]
    if not judgement.facts.strip():
        found.append(Fault("facts", N_("请写明问题事实")))
    found.append(_too_long("facts", judgement.facts, FACTS_MOST))
    if not judgement.rectification.strip():
        found.append(Fault("rectification", N_("请写明整改要求")))
    found.append(_too_long("rectification", judgement.rectification, RECTIFICATION_MOST))
    if judgement.deadline_days is not None and not 0 <= judgement.deadline_days <= DAYS_MOST:
        found.append(
            Fault("deadline_days", N_("期限应在 0 到 %(most)d 天之间"), {"most": DAYS_MOST})
        )
    if judgement.severity not in severities(item) and not judgement.reason.strip():
        found.append(Fault("reason", N_("程度超出该项的规定范围，须写明理由")))
    return [fault for fault in found if fault]


def _too_long(part: str, text: str, most: int) -> Fault | None:
    if len(text) <= most:
        return None
    params = {"most": most, "count": len(text)}
    return Fault(part, N_("最多 %(most)d 字，现在有 %(count)d 字，请删减"), params)


def field_of(item_id: str, part: str) -> str:
    """Return the form field that holds a part of the judgement on an item's finding."""
    return f"finding-{item_id}-{part}"


def check_judgements(
    checklist: Checklist,
    found: Mapping[str, FindingSource],
    judgements: Iterable[Judgement],
) -> dict[str, Judgement]:
    """Return the judgements by item; ``found`` maps each finding's item to its source.

    :raises Invalid: one is missing, stands alone, or has a fault; ``field`` names the place.
    """
    given = {judgement.item_id: judgement for judgement in judgements}
    if strange := next((item for item in given if item not in found), None):
        raise Invalid(
            N_("%(item)s 没有待审核的问题"), code="no_such_finding", item=strange, field=strange
        )
    left = [item for item in found if item not in given or given[item].verdict is None]
    if left:
        raise Invalid(
            N_("还有 %(count)d 个问题没有决定，须逐条认定或不作问题"),
            code="undecided",
            field=field_of(left[0], "decision"),
            count=len(left),
            items=left,
        )
    for item_id, judgement in given.items():
        for fault in faults(judgement, checklist.item(item_id), found[item_id]):
            raise Invalid(fault.message, field=field_of(item_id, fault.part), **fault.params)
    return given


# -- rounds -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An answer that differs between two rounds, as people read it."""

    question: Question
    before: str
    after: str


def changes(
    checklist: Checklist, old: Mapping[str, Any], new: Mapping[str, Any], lang: str
) -> tuple[AnswerChange, ...]:
    """Return which answers changed from one round to the next, in the checklist's order."""
    return tuple(
        AnswerChange(
            question,
            KINDS[question.kind].text(question, old.get(question.id), lang),
            KINDS[question.kind].text(question, new.get(question.id), lang),
        )
        for question in checklist.questions
        if old.get(question.id) != new.get(question.id)
    )
