"""What the answers to a checklist lack and what they give away; pure functions.

``answers`` maps whole question ids to canonical values; an absent id is not answered.  ``day`` is
the day of the inspection, an ISO date.  ``static/js/fill/missing.js`` is the twin of ``shown`` and
``missing`` on the phone; ``tests/vectors/missing.json`` holds both to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from webapp.checklists.conditions import holds
from webapp.checklists.definitions import Checklist, Group, Item, Question
from webapp.checklists.questions import KINDS, Value
from webapp.checklists.questions.base import Kind

Answers = Mapping[str, Value]
Reason = Literal["required", "description", "evidence"]
Figures = Callable[[str], Mapping[str, float]]
"""The policy figures in force on an ISO day, by key."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A question that must be answered and is not.

    ``item_id`` is None for a plain question.  ``reason`` is "description" or "evidence" where a
    verdict of "does not conform" asks for it, else "required".
    """

    question_id: str
    item_id: str | None
    section_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a section is: items judged and required questions answered, out of all of them."""

    section_id: str
    done: int
    total: int


def variables_of(item: Item, answers: Answers, day: str) -> dict[str, Any]:
    """Return what the item's expressions see: answers by local id, ``verdict`` and ``day``.

    Answers to questions that are not shown are left out.
    """
    return _look(item.questions, answers, day)[0]


def shown(checklist: Checklist, answers: Answers, day: str) -> frozenset[str]:
    """Return the whole ids of the questions that are asked, given the answers so far."""
    hidden: set[str] = set()
    for group in _groups(checklist):
        if group.conditional:
            hidden |= _look(group.questions, answers, day)[1]
    return frozenset(q.id for q in checklist.questions if q.id not in hidden)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a checklist is, and what it lacks; both in form order."""

    progress: tuple[Progress, ...]
    missing: tuple[Missing, ...]

    @property
    def done(self) -> int:
        """How many questions are answered of those that must be."""
        return sum(part.done for part in self.progress)

    @property
    def total(self) -> int:
        """How many questions must be answered."""
        return sum(part.total for part in self.progress)


def standing(checklist: Checklist, answers: Answers, day: str) -> Standing:
    """Return what must be answered before the checklist can be handed in, and how much of it is.

    Every item needs a verdict.  "Does not conform" needs a description, and photos or a note of
    the papers seen.  An item that does not apply needs nothing more.
    """
    parts: list[Progress] = []
    lacking: list[Missing] = []
    for section in checklist.sections:
        wanted = [pair for group in section.groups for pair in _wanted(group, answers, day)]
        open_ = [pair for pair in wanted if not _answered(pair[0], answers)]
        parts.append(Progress(section.id, len(wanted) - len(open_), len(wanted)))
        lacking += [Missing(q.id, q.item_id, section.id, reason) for q, reason in open_]
    return Standing(tuple(parts), tuple(lacking))


def missing(checklist: Checklist, answers: Answers, day: str) -> tuple[Missing, ...]:
    """Return what must still be answered before the checklist can be handed in, in form order."""
    return standing(checklist, answers, day).missing


def suspects(checklist: Checklist, answers: Answers, day: str, figures: Figures) -> tuple[str, ...]:
    """Return the ids of the items whose answers are suspect by their own rule.

    A rule that needs a policy figure which nobody has set says nothing.
    """
    return tuple(
        item.id
        for item in checklist.items
        if item.suspect_if
        and holds(item.suspect_if, _with_figures(item, variables_of(item, answers, day), figures))
    )


def figures_day(item: Item, variables: Mapping[str, Any]) -> str:
    """Return the ISO day whose policy figures count, given what the item's expressions see."""
    return str(variables.get(item.figures_on or "day") or variables["day"])


def _with_figures(item: Item, variables: dict[str, Any], figures: Figures) -> dict[str, Any]:
    if not item.figure_keys:
        return variables
    values = figures(figures_day(item, variables))
    return variables | {"policy": _nested({k: values[k] for k in item.figure_keys if k in values})}


def _nested(values: Mapping[str, float]) -> dict[str, Any]:
    """Return ``{"lease.max_days": 30}`` as ``{"lease": {"max_days": 30.0}}``."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        *path, last = key.split(".")
        branch = tree
        for name in path:
            branch = branch.setdefault(name, {})
        branch[last] = float(value)
    return tree


def failed(checklist: Checklist, answers: Answers) -> tuple[str, ...]:
    """Return the ids of the items that do not conform, in form order."""
    return tuple(item.id for item in checklist.items if answers.get(item.id) == "no")


def progress(checklist: Checklist, answers: Answers, day: str) -> tuple[Progress, ...]:
    """Return how far each section is."""
    return standing(checklist, answers, day).progress


def required(checklist: Checklist, answers: Answers, day: str) -> frozenset[str]:
    """Return the whole ids of the questions that must be answered, answered or not."""
    return frozenset(
        question.id
        for group in _groups(checklist)
        for question, _reason in _wanted(group, answers, day)
    )


def for_script(checklist: Checklist) -> list[dict[str, Any]]:
    """Return what the twin on the phone needs to know of each question, in form order."""
    return [
        _for_script(question, section.id)
        for section in checklist.sections
        for question in section.all_questions
    ]


def _for_script(question: Question, section_id: str) -> dict[str, Any]:
    entry = {
        "id": question.id,
        "item": question.item_id,
        "section": section_id,
        "kind": question.kind,
        "required": question.required,
        "requiredIf": question.required_if,
        "shownIf": question.shown_if,
        "columns": {c.id: {"kind": c.kind, "required": c.required} for c in question.columns},
    }
    return {key: value for key, value in entry.items() if value or key == "item"}


# The kinds whose answers may be there in part.
PARTIAL = frozenset(
    name for name, kind in KINDS.items() if type(kind).is_complete is not Kind.is_complete
)


def _groups(checklist: Checklist) -> Iterator[Group]:
    return (group for section in checklist.sections for group in section.groups)


def _look(
    questions: Iterable[Question], answers: Answers, day: str
) -> tuple[dict[str, Any], set[str]]:
    """Return the variables of a group and the ids of its questions that are not shown.

    Whether a question is shown hangs on those above it only, so one pass settles it.
    """
    variables: dict[str, Any] = {"day": day}
    hidden: set[str] = set()
    for question in questions:
        if question.shown_if and not holds(question.shown_if, variables):
            hidden.add(question.id)
            continue
        value = answers.get(question.id)
        if value is not None and not (kind := KINDS[question.kind]).is_empty(value):
            variables[question.local] = kind.cel(question, value)
    return variables, hidden


def _wanted(group: Group, answers: Answers, day: str) -> list[tuple[Question, Reason]]:
    """Return the questions of a group that must be answered, answered or not."""
    verdict = answers.get(group.item_id) if group.item_id else None
    if verdict == "na":
        return [(group.questions[0], "required")]
    if verdict != "no" and not group.conditional and not _half_answered_in(group, answers):
        return [(question, "required") for question in group.required]
    nothing: tuple[dict[str, Any], set[str]] = ({}, set())
    variables, hidden = _look(group.questions, answers, day) if group.conditional else nothing
    wanted: list[tuple[Question, Reason]] = []
    for question in group.questions:
        if question.id in hidden:
            continue
        if _is_required(question, variables) or _half_answered(question, answers):
            wanted.append((question, "required"))
        elif verdict == "no" and (reason := _asked_by_failing(question, answers)):
            wanted.append((question, reason))
    return wanted


def _asked_by_failing(question: Question, answers: Answers) -> Reason | None:
    if question.local == "description":
        return "description"
    if question.local == "evidence_note" and not answers.get(f"{question.item_id}.photos"):
        return "evidence"
    return None


def _is_required(question: Question, variables: Mapping[str, Any]) -> bool:
    if question.required:
        return True
    return question.required_if is not None and holds(question.required_if, variables)


def _answered(question: Question, answers: Answers) -> bool:
    value = answers.get(question.id)
    if value is None:
        return False
    kind = KINDS[question.kind]
    return not kind.is_empty(value) and kind.is_complete(question, value)


def _half_answered(question: Question, answers: Answers) -> bool:
    """Say whether a row was begun and not finished; the table itself may be left out."""
    if question.kind not in PARTIAL or (value := answers.get(question.id)) is None:
        return False
    kind = KINDS[question.kind]
    return not kind.is_empty(value) and not kind.is_complete(question, value)


def _half_answered_in(group: Group, answers: Answers) -> bool:
    return any(_half_answered(question, answers) for question in group.questions)
