"""What the answers amount to, and by when it must be put right.  Plain Python."""

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from webapp.checklists import rules as checklists
from webapp.checklists.definitions import Basis, Checklist, Item, Law
from webapp.checklists.questions import KINDS
from webapp.core import calendar
from webapp.core.calendar import DayUnit
from webapp.core.errors import N_
from webapp.policies.rules import Figures, InForce

LANG = "zh"  # findings are evidence: worded in the language that counts
FIGURE_GAP = re.compile(r"(?<=[0-9]) (?=\S)")
NO_FIGURES = frozenset({"photo", "table", "long_text", "note"})


class FindingSource(enum.Enum):
    """Where a finding comes from."""

    ITEM = "item"
    """An inspector answered 不符合."""
    RULE = "rule"
    """A computed rule sees a doubt (疑点) where the inspector answered otherwise."""


class FindingState(enum.Enum):
    """What was decided about it."""

    DERIVED = "derived"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Severity(enum.Enum):
    """How grave a finding is; from the lightest to the gravest."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


SEVERITY_WORDS = {
    Severity.MINOR: N_("一般"),
    Severity.MAJOR: N_("较重"),
    Severity.CRITICAL: N_("严重"),
}


@dataclass(frozen=True, slots=True)
class BasisInWords:
    """An article as it is quoted: the law's title, the article, whether somebody checked it."""

    law: str
    article: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Derived:
    """A finding as the answers make it, before anybody has looked at it."""

    item_id: str
    source: FindingSource
    severity: Severity
    facts: str
    basis: tuple[BasisInWords, ...]
    rectification: str
    deadline_days: int | None
    deadline_unit: DayUnit
    transfer: bool
    figures: tuple[InForce, ...] = ()

    @property
    def basis_json(self) -> list[dict[str, Any]]:
        """The basis as it is stored."""
        return [asdict(basis) for basis in self.basis]


def derive(
    checklist: Checklist, answers: Mapping[str, Any], day: str, figures: Figures
) -> tuple[Derived, ...]:
    """Return what the answers of a visit on ``day`` (ISO) amount to, in the checklist's order.

    One finding for each item that does not conform, one doubt (疑点) for each item whose answers
    are suspect although it was answered otherwise; it names the policy figures it rests on.
    """
    suspects = frozenset(checklists.suspects(checklist, answers, day, figures))
    return tuple(_derived(checklist, answers, day, suspects, figures))


def _derived(
    checklist: Checklist,
    answers: Mapping[str, Any],
    day: str,
    suspects: frozenset[str],
    figures: Figures,
) -> Iterator[Derived]:
    for item in checklist.items:
        if answers.get(item.id) == "no":
            facts = failed_facts(item, answers, day)
            yield _finding(checklist, item, FindingSource.ITEM, facts, day)
        elif item.id in suspects:
            used = figures_used(item, answers, day, figures)
            facts = doubted_facts(item, answers, day, used)
            yield _finding(checklist, item, FindingSource.RULE, facts, day, used)


def figures_used(
    item: Item, answers: Mapping[str, Any], day: str, figures: Figures
) -> tuple[InForce, ...]:
    """Return the policy figures that an item's rule compared with."""
    counts_on = checklists.figures_day(item, checklists.variables_of(item, answers, day))
    known = figures.on(date.fromisoformat(counts_on)) if item.figure_keys else {}
    return tuple(known[key] for key in item.figure_keys if key in known)


def _finding(
    checklist: Checklist,
    item: Item,
    source: FindingSource,
    facts: str,
    day: str,
    figures: tuple[InForce, ...] = (),
) -> Derived:
    return Derived(
        item_id=item.id,
        source=source,
        severity=Severity(item.severity),
        facts=facts,
        basis=basis_on(checklist, item, date.fromisoformat(day)),
        rectification=item.rectification.in_(LANG),
        deadline_days=item.deadline.days if item.deadline else None,
        deadline_unit=item.deadline.unit if item.deadline else "calendar",
        transfer=item.transfer,
        figures=figures,
    )


# -- wording ----------------------------------------------------------------------------------


def failed_facts(item: Item, answers: Mapping[str, Any], day: str) -> str:
    """Return the facts of an item that does not conform: claim, figures, what was seen."""
    head = f"“{claim(item)}”一项不符合"
    figures = figures_of(item, answers, day)
    description = answers.get(f"{item.id}.description") or ""
    first = f"{head}：{figures}。" if figures else f"{head}。"
    return f"{first}{description}"


def doubted_facts(
    item: Item, answers: Mapping[str, Any], day: str, used: tuple[InForce, ...] = ()
) -> str:
    """Return the wording of a doubt: what was answered, what the figures say, who must look."""
    verdict = KINDS["conforms"].text(item.verdict, answers.get(item.id), LANG)
    told = f"填报为“{verdict}”" if verdict else "未作判断"
    figures = figures_of(item, answers, day)
    seen = f"（{figures}）" if figures else ""
    rule = f"比对口径：{item.rule.text.in_(LANG).rstrip('。')}。" if item.rule else ""
    limits = f"所用参数：{'；'.join(map(figure_in_words, used))}。" if used else ""
    return (
        f"疑点：“{claim(item)}”一项{told}，系统比对提示与所填数据不符{seen}。"
        f"{rule}{limits}须由人核实。"
    )


def figure_in_words(one: InForce) -> str:
    """Return a policy figure with its version: what sets it, from when, whether that was read."""
    since = f"，{one.effective_from:%Y年%-m月%-d日}起" if one.effective_from else ""
    doubt = "" if one.verified else "，待核"
    return f"{one.in_words(LANG)}（{one.source.in_(LANG)}{since}{doubt}）"


def claim(item: Item) -> str:
    """Return what the item's question claims, without the question mark."""
    return item.question.in_(LANG).rstrip("？?。 ")


def figures_of(item: Item, answers: Mapping[str, Any], day: str) -> str:
    """Return the item's figures in words: ``核定编制数为3辆，实有在用车辆数为5辆``."""
    asked = checklists.variables_of(item, answers, day)
    return "，".join(
        f"{field.label.in_(LANG)}为{_close(KINDS[field.kind].text(field, answers[field.id], LANG))}"
        for field in item.fields
        if field.local in asked and field.kind not in NO_FIGURES
    )


def _close(words: str) -> str:
    """Return words without the space that screens put between a figure and its unit."""
    return FIGURE_GAP.sub("", words)


# -- legal basis ------------------------------------------------------------------------------


def basis_on(checklist: Checklist, item: Item, day: date) -> tuple[BasisInWords, ...]:
    """Return the item's basis as in force on ``day``.

    A text that was not in force then gives way to another edition of the same regulation that
    was; where none is listed it stays, and says so.
    """
    listed = [(basis, checklist.laws[basis.law]) for basis in item.basis]
    in_force = {edition_of(law) for _, law in listed if is_in_force(law, day)}
    return tuple(
        _in_words(basis, law, day)
        for basis, law in listed
        if is_in_force(law, day) or edition_of(law) not in in_force
    )


def is_in_force(law: Law, day: date) -> bool:
    """Say whether a regulation applied on ``day``; unknown dates are taken as open."""
    begun = law.effective_from is None or law.effective_from <= day
    return begun and (law.effective_to is None or day <= law.effective_to)


def edition_of(law: Law) -> str:
    """Return the title without its edition, as in （2013年） or （2025年修订）."""
    return law.title.in_(LANG).partition("（")[0]


def _in_words(basis: Basis, law: Law, day: date) -> BasisInWords:
    number = f"（{law.number}）" if law.number else ""
    article = basis.article.in_(LANG)
    if law.effective_from and day < law.effective_from:
        article += "（检查当日尚未施行）"
    elif law.effective_to and law.effective_to < day:
        article += "（检查当日已不再施行）"
    return BasisInWords(f"{law.title.in_(LANG)}{number}", article, basis.verified)


# -- days -------------------------------------------------------------------------------------


def visit_day(answers: Mapping[str, Any], submitted_on: date) -> str:
    """Return the ISO day on which the visit took place: as entered, else when it was handed in."""
    started = str(answers.get("visit.started_at") or "")[:10]
    try:
        return date.fromisoformat(started).isoformat()
    except ValueError:
        return submitted_on.isoformat()


def due_on(served_on: date, days: int, unit: DayUnit) -> date:
    """Return the last day on which the correction counts as in time.

    Counting starts the day after service; with no days at all it is the day of service itself.

    :raises Invalid: working days reach into a year without a work calendar.
    """
    return calendar.after(served_on, days, unit)


def is_overdue(due: date | None, today: date, *, transfer: bool = False) -> bool:
    """Say whether the last day has passed; what was transferred has no deadline here."""
    return due is not None and not transfer and due < today
