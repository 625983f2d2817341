"""What inspectors type: opening a visit, the answers, signatures."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from webapp.checklists.definitions import Checklist
from webapp.checklists.questions import KINDS
from webapp.core.clock import today


class OpenForm(FlaskForm):
    """A new inspection."""

    inspection_id = HiddenField()
    checklist = RadioField(_l("检查清单"), [DataRequired(_l("请选择检查清单"))])
    unit = RadioField(_l("被督查单位"), [InputRequired(_l("请选择被督查单位"))], coerce=int)
    inspectors = SelectMultipleField(
        _l("督查员"),
        [DataRequired(_l("请选择督查员，至少 2 人"))],
        description=_l("至少 2 人，包括你本人；不得督查自己所在的单位（回避）。"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    planned_on = DateField(_l("督查日期"), [Optional()], default=lambda: today())


class AnswerFormBase(FlaskForm):
    """The answers of one inspection; ``seen`` is the last change that the page showed."""

    seen = IntegerField(widget=HiddenInput(), default=0)


def answer_form(checklist: Checklist, lang: str) -> type[AnswerFormBase]:
    """Build the form of a checklist: a field for each question, named by its id."""
    known = _forms.get((id(checklist), lang))
    if known is None:
        fields: Mapping[str, Any] = {
            question.id: KINDS[question.kind].field(question, lang)
            for question in checklist.questions
        }
        known = type("AnswerForm", (AnswerFormBase,), dict(fields))
        _forms[id(checklist), lang] = known
    return known


_forms: dict[tuple[int, str], type[AnswerFormBase]] = {}


class SignatureForm(FlaskForm):
    """A signature, or a refusal to sign."""

    signature_id = HiddenField()
    role = HiddenField()
    signer = HiddenField()
    digest = HiddenField()
    strokes = HiddenField()
    name = StringField(_l("姓名"), [DataRequired(_l("请填写签名人姓名")), Length(max=40)])
    position = StringField(_l("职务"), [Length(max=60)])
    refused = HiddenField()
    reason = TextAreaField(_l("拒签原因"), [Length(max=1000)])
    witness = StringField(_l("见证人"), [Length(max=60)])


class ActForm(FlaskForm):
    """A button: nothing but the token, and an id that makes pressing it twice harmless."""

    act_id = HiddenField()
