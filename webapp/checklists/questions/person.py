"""Somebody, by name and position."""

from collections.abc import Mapping
from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import reading
from webapp.checklists.questions.base import FormData, Kind, Value
from webapp.core.errors import N_, Invalid

PARTS = ("name", "position")
LIMIT = 100

_NOT_A_PERSON = N_("请填写姓名和职务")
_NO_NAME = N_("填了职务，还要填姓名")


class Person(Kind):
    """People; stored as ``{"name", "position"}``, the position possibly empty.

    The inputs are called ``<id>-name`` and ``<id>-position``.
    """

    name: ClassVar[KindName] = "person"

    def parse(self, question: Question, raw: object) -> dict[str, str] | None:
        """Read a name and a position."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, Mapping) or not set(raw) <= set(PARTS):
            raise Invalid(_NOT_A_PERSON, field=question.id)
        parts = {part: reading.line(question, raw.get(part), LIMIT) for part in PARTS}
        if parts["position"] and not parts["name"]:
            raise Invalid(_NO_NAME, field=question.id)
        return parts if parts["name"] else None

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``张三（所长）``."""
        if value is None or not value["position"]:
            return value["name"] if value else ""
        brackets = "{} ({})" if lang[:2] == "en" else "{}（{}）"
        return brackets.format(value["name"], value["position"])

    def raw(self, question: Question, value: Value | None) -> Any:
        """Return both inputs."""
        return {part: (value or {}).get(part, "") for part in PARTS}

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return both inputs."""
        return {
            part: super(Person, self).gather(question, form, f"{name}-{part}") for part in PARTS
        }

    def was_sent(self, question: Question, form: FormData, name: str) -> bool:
        """Say whether either input was on the page."""
        return any(f"{name}-{part}" in form for part in PARTS)
