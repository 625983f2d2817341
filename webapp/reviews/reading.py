"""A submission laid out for reading: sections, items, what was answered, what was said.

Plain Python; the pages only walk through it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.checklists import rules as checklists
from webapp.checklists.definitions import Checklist, Item, Question, Section
from webapp.checklists.questions import KINDS
from webapp.policies.rules import Figures

Answer = tuple[Question, Any]


@dataclass(frozen=True, slots=True)
class Point:
    """An item as read: the verdict, whether its figures are suspect, the answers given."""

    item: Item
    verdict: str
    is_suspect: bool
    answers: tuple[Answer, ...]

    @property
    def is_problem(self) -> bool:
        """Whether a supervisor has to look at it."""
        return self.is_suspect or self.verdict == "no"


@dataclass(frozen=True, slots=True)
class Part:
    """A section as read; ``hidden`` counts the items that a filter left out."""

    section: Section
    answers: tuple[Answer, ...]
    points: tuple[Point, ...]
    hidden: int


def lay_out(
    checklist: Checklist, answers: Mapping[str, Any], day: str, figures: Figures
) -> list[Part]:
    """Return the sections with their answers."""
    suspects = frozenset(checklists.suspects(checklist, answers, day, figures))
    asked = checklists.shown(checklist, answers, day)
    return [_part(section, answers, asked, suspects) for section in checklist.sections]


def only_problems(parts: Iterable[Part]) -> list[Part]:
    """Return the sections that have problems, with these alone."""
    return [_problems(part) for part in parts if any(point.is_problem for point in part.points)]


def _problems(part: Part) -> Part:
    kept = tuple(point for point in part.points if point.is_problem)
    return Part(part.section, (), kept, len(part.points) - len(kept))


def _part(
    section: Section,
    answers: Mapping[str, Any],
    asked: Collection[str],
    suspects: Collection[str],
) -> Part:
    points = tuple(
        Point(
            item,
            answers.get(item.id) or "",
            item.id in suspects,
            _answered(item.questions[1:], answers, asked),
        )
        for item in section.items
    )
    return Part(section, _answered(section.questions, answers, asked), points, 0)


def _answered(
    questions: Iterable[Question], answers: Mapping[str, Any], asked: Collection[str]
) -> tuple[Answer, ...]:
    return tuple(
        (question, answers[question.id])
        for question in questions
        if question.id in asked and not KINDS[question.kind].is_empty(answers.get(question.id))
    )


def tally(parts: Sequence[Part]) -> dict[str, int]:
    """Count the items by verdict, and the suspect ones that were not failed."""
    points = [point for part in parts for point in part.points]
    counts = {verdict: sum(p.verdict == verdict for p in points) for verdict in ("yes", "no", "na")}
    return counts | {"suspect": sum(p.is_suspect and p.verdict != "no" for p in points)}
