"""What a checklist is: sections of plain questions and of items, each item with its questions.

The models accept exactly what a catalogue file or a stored version may contain and refuse all
else.  Inside a file a question's id is local (``approved``); once loaded it is whole
(``GC-01.approved``), and dumping a checklist makes it local again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    field_serializer,
    model_validator,
)

KindName = Literal[
    "conforms",
    "integer",
    "decimal",
    "money",
    "date",
    "datetime",
    "short_text",
    "long_text",
    "choice",
    "choices",
    "person",
    "plate",
    "photo",
    "table",
    "note",
]
Severity = Literal["minor", "major", "critical"]
KIND_NAMES: tuple[str, ...] = get_args(KindName)
SEVERITIES: tuple[str, ...] = get_args(Severity)

ITEM_ID = r"^[A-Z]{2,4}-[0-9]{2,3}$"
QUESTION_ID = (
    r"^(?:[A-Z]{2,4}-[0-9]{2,3}|(?:[A-Z]{2,4}-[0-9]{2,3}\.|[a-z][a-z0-9_-]{0,39}\.)?"
    r"[a-z][a-z0-9_]{0,39})$"
)
RESERVED = frozenset({"verdict", "description", "evidence_note", "remark", "day", "policy"})
_FIGURE = re.compile(r"\bpolicy((?:\.[a-z][a-z_]*)+)")
_ITEM_ID = re.compile(ITEM_ID)

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
FigureKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*(\.[a-z][a-z_]*)+$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]


class Definition(BaseModel):
    """Whatever stands in a catalogue file: frozen, and nothing unknown gets in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __hash__(self) -> int:
        """Let things be remembered for this very object; to hash all that it holds takes long."""
        return id(self)


class Text(Definition):
    """Words in both languages; ``zh`` is the one that counts."""

    zh: Words
    en: Words

    def in_(self, lang: str) -> str:
        """Return the words in ``lang`` (``en`` or ``en-GB``); any other language gets Chinese."""
        return self.en if lang[:2].lower() == "en" else self.zh


class Option(Definition):
    """One of the answers that a choice offers."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    label: Text


class Question(Definition):
    """One thing that is asked for, answered by one value.

    ``required_if`` and ``shown_if`` are CEL.  ``minimum`` and ``maximum`` bound a number, ends
    included.  A table's ``columns`` are questions too; their ids stay local.
    """

    id: Annotated[str, StringConstraints(pattern=QUESTION_ID)]
    kind: KindName
    label: Text
    hint: Text | None = None
    unit: Text | None = None
    minimum: StrictInt | StrictFloat | None = None
    maximum: StrictInt | StrictFloat | None = None
    options: tuple[Option, ...] = ()
    columns: tuple[Question, ...] = ()
    required: StrictBool = False
    required_if: Words | None = None
    shown_if: Words | None = None
    max_length: Annotated[int, Field(strict=True, ge=1, le=10_000)] | None = None

    @cached_property
    def item_id(self) -> str | None:
        """The item that it belongs to; None for a plain question and for a column."""
        head = self.id.partition(".")[0]
        return head if _ITEM_ID.match(head) else None

    @cached_property
    def local(self) -> str:
        """Its name among its neighbours: what expressions call it (``verdict`` for a verdict)."""
        if self.id == self.item_id:
            return "verdict"
        return self.id.rpartition(".")[2]

    @cached_property
    def scope(self) -> str:
        """What its whole id starts with: an item's id, or a plain question's group."""
        return self.id.partition(".")[0]

    def option(self, option_id: str) -> Option | None:
        """Return the option with this id, or None."""
        return next((option for option in self.options if option.id == option_id), None)


class Law(Definition):
    """A regulation that items refer to.

    The two dates bound the facts it applies to.  ``verified`` says that somebody compared the
    entry with the regulation's own text.
    """

    title: Text
    number: Words | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    verified: StrictBool
    note: Text | None = None


class Basis(Definition):
    """The article of a law on which an item rests; ``law`` is a key of the checklist's laws."""

    law: Slug
    article: Text
    verified: StrictBool


class Rule(Definition):
    """A computed check that belongs to an item, described in words."""

    id: Annotated[str, StringConstraints(pattern=r"^R-[A-Z]{2,4}-[0-9]{2,3}$")] | None = None
    text: Text


class Deadline(Definition):
    """How long a rectification usually takes."""

    days: Annotated[int, Field(strict=True, ge=0, le=3650)]
    unit: Literal["calendar", "working"]
    label: Text | None = None


_DESCRIPTION = Text(zh="不符合情况说明", en="What does not conform")
_PHOTOS = Text(zh="照片", en="Photos")
_EVIDENCE_NOTE = Text(zh="查阅的材料", en="Papers seen")
_REMARK = Text(zh="备注", en="Remark")


class Item(Definition):
    """One point of a checklist: a verdict, what was counted or seen, and the evidence for it.

    ``severity_up_to`` is the worst severity a supervisor may give it.  ``transfer`` marks a
    finding that is handed to the discipline office.  ``figures_on`` names the field with the day
    whose policy figures count; else, and where it is empty, they are those of the visit's day.
    """

    id: Annotated[str, StringConstraints(pattern=ITEM_ID)]
    question: Text
    fields: tuple[Question, ...] = ()
    evidence: Text
    rule: Rule | None = None
    suspect_if: Words | None = None
    figures_on: Words | None = None
    severity: Severity
    severity_up_to: Severity | None = None
    basis: Annotated[tuple[Basis, ...], Field(min_length=1)]
    rectification: Text
    deadline: Deadline | None = None
    transfer: StrictBool = False

    @model_validator(mode="before")
    @classmethod
    def _make_ids_whole(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and isinstance(data.get("id"), str):
            return {**data, "fields": _whole(data.get("fields", ()), data["id"])}
        return data

    @model_validator(mode="after")
    def _agree(self) -> Item:
        for field in self.fields:
            if field.local in RESERVED:
                raise ValueError(f"field {field.local}: every item has this question already")
            if field.scope != self.id:
                raise ValueError(f"field {field.id}: belongs to another item")
        if self.severity_up_to and _rank(self.severity_up_to) <= _rank(self.severity):
            raise ValueError("severity_up_to: must be worse than severity")
        return self

    @field_serializer("fields")
    def _make_ids_local(self, fields: tuple[Question, ...]) -> tuple[Question, ...]:
        return tuple(_local(field) for field in fields)

    @cached_property
    def verdict(self) -> Question:
        """The person's own judgement on the item; its id is the item's."""
        return Question(id=self.id, kind="conforms", label=self.question, required=True)

    @cached_property
    def figure_keys(self) -> tuple[str, ...]:
        """The policy figures that its computed rule compares with."""
        return tuple(dict.fromkeys(key[1:] for key in _FIGURE.findall(self.suspect_if or "")))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Everything it asks, in the order of the form: the verdict first, the remark last."""
        photos = next((field for field in self.fields if field.local == "photos"), None)
        return (
            self.verdict,
            *(field for field in self.fields if field is not photos),
            self._made("description", "long_text", _DESCRIPTION),
            photos or self._made("photos", "photo", _PHOTOS),
            self._made("evidence_note", "long_text", _EVIDENCE_NOTE),
            self._made("remark", "long_text", _REMARK),
        )

    def _made(self, local: str, kind: KindName, label: Text) -> Question:
        return Question(id=f"{self.id}.{local}", kind=kind, label=label)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Questions whose expressions see one another: those of an item, or a section's plain ones."""

    questions: tuple[Question, ...]
    item_id: str | None
    required: tuple[Question, ...]
    conditional: bool


def _group(questions: tuple[Question, ...]) -> Group:
    required = tuple(question for question in questions if question.required)
    conditional = any(question.shown_if or question.required_if for question in questions)
    return Group(questions, questions[0].item_id, required, conditional)


class Section(Definition):
    """A part of a checklist that is filled in as one page: plain questions, then items."""

    id: Slug
    title: Text
    questions: tuple[Question, ...] = ()
    items: tuple[Item, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _make_ids_whole(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and isinstance(data.get("id"), str):
            return {**data, "questions": _whole(data.get("questions", ()), data["id"])}
        return data

    @field_serializer("questions")
    def _make_ids_local(self, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        return tuple(
            _local(question) if question.scope == self.id else question for question in questions
        )

    @cached_property
    def blocks(self) -> tuple[Question | Item, ...]:
        """Its plain questions and items in the order of the form."""
        return (*self.questions, *self.items)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Its questions, those together whose expressions see one another."""
        blocks = (self.questions, *(item.questions for item in self.items))
        return tuple(_group(block) for block in blocks if block)

    @cached_property
    def all_questions(self) -> tuple[Question, ...]:
        """Every question in it, those of its items included, in the order of the form."""
        return (*self.questions, *(q for item in self.items for q in item.questions))


class Figure(Definition):
    """A policy figure (政策参数) that computed rules compare with, as the product ships it.

    Each bureau may put dated figures of its own in its place (``webapp.policies``).  Without a
    ``value`` there is none until a bureau enters one, and rules that need it stay silent.
    """

    label: Text
    unit: Text | None = None
    value: StrictInt | StrictFloat | None = None
    source: Text
    verified: StrictBool = False
    effective_from: date | None = None


class Checklist(Definition):
    """A whole checklist: what an inspector fills in during one visit.

    ``code`` is the prefix of its item ids; ``laws`` are keyed by the names that items use,
    ``figures`` by what expressions write behind ``policy.``.
    """

    id: Slug
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    title: Text
    summary: Text
    laws: dict[Words, Law]
    figures: dict[FigureKey, Figure] = {}
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item in the order of the form."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order of the form, the made ones included; columns stay inside."""
        return tuple(q for section in self.sections for q in section.all_questions)

    def question(self, question_id: str) -> Question:
        """Return the question with this whole id.

        :raises KeyError: there is none.
        """
        return self._questions[question_id]

    def has_question(self, question_id: str) -> bool:
        """Say whether there is a question with this whole id."""
        return question_id in self._questions

    def item(self, item_id: str) -> Item:
        """Return the item with this id.

        :raises KeyError: there is none.
        """
        return self._items[item_id]

    def section_of(self, question_id: str) -> Section:
        """Return the section in which a question (or item: its verdict) stands.

        :raises KeyError: there is no such question.
        """
        return self._sections[question_id]

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @cached_property
    def _items(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _sections(self) -> dict[str, Section]:
        return {q.id: section for section in self.sections for q in section.all_questions}


def _rank(severity: Severity) -> int:
    return SEVERITIES.index(severity)


def _whole(questions: Any, scope: str) -> Any:
    if not isinstance(questions, Iterable) or isinstance(questions, str | bytes | Mapping):
        return questions  # not a list: pydantic says so better than we could
    return [_whole_one(question, scope) for question in questions]


def _whole_one(question: Any, scope: str) -> Any:
    if not isinstance(question, Mapping) or not isinstance(question.get("id"), str):
        return question
    local = question["id"]
    return {**question, "id": local if "." in local else f"{scope}.{local}"}


def _local(question: Question) -> Question:
    return question.model_copy(update={"id": question.local})
