"""What the answers to a checklist lack and what they give away; pure functions.

``answers`` maps whole question ids to canonical values; an absent id is not answered.  ``day`` is
the day of the inspection, an ISO date.  ``static/js/fill/missing.js`` is the twin of ``shown`` and
``missing`` on the phone; ``tests/vectors/missing.json`` holds both to the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from webapp.checklists.conditions import holds
from webapp.checklists.definitions import Checklist, Item, Question, Section
from webapp.checklists.questions import KINDS, Value

Answers = Mapping[str, Value]
Reason = Literal["required", "description", "evidence"]


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
    for block in _blocks(checklist):
        if _conditional(block):
            hidden |= _look(block, answers, day)[1]
    return frozenset(q.id for q in checklist.questions if q.id not in hidden)


def missing(checklist: Checklist, answers: Answers, day: str) -> tuple[Missing, ...]:
    """Return what must still be answered before the checklist can be handed in, in form order.

    Every item needs a verdict.  "Does not conform" needs a description, and photos or a note of
    the papers seen.  An item that does not apply needs nothing more.
    """
    found: list[Missing] = []
    for section in checklist.sections:
        for block in _blocks_of(section):
            found.extend(
                Missing(question.id, question.item_id, section.id, reason)
                for question, reason in _wanted(block, answers, day)
                if not _answered(question, answers)
            )
    return tuple(found)


def suspects(checklist: Checklist, answers: Answers, day: str) -> tuple[str, ...]:
    """Return the ids of the items whose figures are suspect by their own rule."""
    return tuple(
        item.id
        for item in checklist.items
        if item.suspect_if and holds(item.suspect_if, variables_of(item, answers, day))
    )


def failed(checklist: Checklist, answers: Answers) -> tuple[str, ...]:
    """Return the ids of the items that do not conform, in form order."""
    return tuple(item.id for item in checklist.items if answers.get(item.id) == "no")


def progress(checklist: Checklist, answers: Answers, day: str) -> tuple[Progress, ...]:
    """Return how far each section is."""
    return tuple(_progress(section, answers, day) for section in checklist.sections)


def required(checklist: Checklist, answers: Answers, day: str) -> frozenset[str]:
    """Return the whole ids of the questions that must be answered, answered or not."""
    return frozenset(
        question.id
        for block in _blocks(checklist)
        for question, _reason in _wanted(block, answers, day)
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


Block = tuple[Question, ...]


def _blocks_of(section: Section) -> Iterable[Block]:
    """Return the groups of questions whose expressions see one another."""
    if section.questions:
        yield section.questions
    for item in section.items:
        yield item.questions


def _blocks(checklist: Checklist) -> Iterable[Block]:
    return (block for section in checklist.sections for block in _blocks_of(section))


def _conditional(block: Block) -> bool:
    return any(question.shown_if or question.required_if for question in block)


def _look(block: Block, answers: Answers, day: str) -> tuple[dict[str, Any], set[str]]:
    """Return the variables of a block and the ids of its questions that are not shown.

    Whether a question is shown hangs on those above it only, so one pass settles it.
    """
    variables: dict[str, Any] = {"day": day}
    hidden: set[str] = set()
    for question in block:
        if question.shown_if and not holds(question.shown_if, variables):
            hidden.add(question.id)
            continue
        value = answers.get(question.id)
        if value is not None and not (kind := KINDS[question.kind]).is_empty(value):
            variables[question.local] = kind.cel(question, value)
    return variables, hidden


def _wanted(block: Block, answers: Answers, day: str) -> Iterator[tuple[Question, Reason]]:
    """Yield the questions of a block that must be answered, answered or not."""
    verdict = answers.get(block[0].id) if block[0].item_id else None
    if verdict == "na":
        yield block[0], "required"
        return
    nothing: tuple[dict[str, Any], set[str]] = ({}, set())
    variables, hidden = _look(block, answers, day) if _conditional(block) else nothing
    for question in block:
        if question.id in hidden:
            continue
        if _is_required(question, variables) or _half_answered(question, answers):
            yield question, "required"
        elif verdict == "no" and (reason := _asked_by_failing(question, answers)):
            yield question, reason


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
    value = answers.get(question.id)
    if value is None:
        return False
    kind = KINDS[question.kind]
    return not kind.is_empty(value) and not kind.is_complete(question, value)


def _progress(section: Section, answers: Answers, day: str) -> Progress:
    wanted = [q for block in _blocks_of(section) for q, _reason in _wanted(block, answers, day)]
    return Progress(section.id, sum(_answered(q, answers) for q in wanted), len(wanted))
