"""Parts of the form that look the same on every page: rendered once for each language."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from webapp.checklists.definitions import Definition, Question
from webapp.checklists.questions.fields import AnswerField
from webapp.core.web import language
from webapp.inspections.views.board import bp

Macro = Callable[..., Markup]

BLANK_LINES = re.compile(r"\n\s*\n")

_rendered: dict[tuple[Macro, Definition, str, bool], Markup] = {}


@bp.app_template_global()
def once(macro: Macro, part: Definition, *rest: Any, required: bool = False) -> Markup:
    """Return what a macro makes of a part of a checklist and of things that never change."""
    key = (macro, part, language(), required)
    known = _rendered.get(key)
    if known is None:
        text = BLANK_LINES.sub("\n", macro(part, *rest)).strip()
        known = _rendered[key] = Markup(text)  # noqa: S704  # markup already
    return known


@bp.app_template_global()
def asked(kind: Any, question: Question, field: AnswerField, state: Mapping[str, Any]) -> Markup:
    """Return a question with its inputs; most are still empty, and all empty ones are alike."""
    is_blank = not field.errors and field.raw == field.kind.raw(question, None)
    if is_blank and not state.keys() - {"required"}:
        return once(kind.ask, question, field, state, required=bool(state.get("required")))
    answered: Markup = kind.ask(question, field, state)
    return answered
