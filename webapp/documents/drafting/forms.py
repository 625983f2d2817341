"""What a person types into a draft: a field for each of the kind's questions."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from webapp.checklists.questions import KINDS
from webapp.documents.drafting.service import REMARK_MOST
from webapp.documents.kinds.base import Form


class DraftFormBase(FlaskForm):
    """The answers of one draft; ``revision`` is the one that the page showed."""

    revision = IntegerField(widget=HiddenInput(), default=0)


def draft_form(form: Form, lang: str) -> type[DraftFormBase]:
    """Build the form of a kind, each field named by its question's id."""
    fields: dict[str, Any] = {q.id: KINDS[q.kind].field(q, lang) for q in form.asks}
    return type("DraftForm", (DraftFormBase,), fields)


class BeginForm(FlaskForm):
    """What is to be drafted, and about what; the id makes pressing twice harmless."""

    draft_id = HiddenField()
    kind = HiddenField()
    about = HiddenField()


class StepForm(FlaskForm):
    """A button of the preview: the revision that was looked at."""

    revision = IntegerField(widget=HiddenInput(), default=0)
    remark = TextAreaField(_l("退回的原因"), [Length(max=REMARK_MOST)])
