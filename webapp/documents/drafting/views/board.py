"""What the pages of drafts share."""

from datetime import date

from flask import Blueprint
from flask_babel import gettext as _

from webapp.core.clock import now
from webapp.core.errors import N_, NotFound
from webapp.documents.drafting import rules, subjects
from webapp.documents.kinds.base import Form
from webapp.documents.models import Draft

bp = Blueprint("drafting", __name__)


@bp.app_template_filter("draft_state")
def draft_state(draft: Draft) -> tuple[str, str]:
    """Return a draft's state as (kind, word) for ``components/status.html``."""
    if draft.offered_at is not None:
        return "submitted", _("待签发")
    return ("returned", _("已退回")) if draft.remark else ("draft", _("草稿"))


def form_of(draft: Draft) -> Form:
    """Return how a draft is asked for.

    :raises NotFound: nobody drafts this kind any longer.
    """
    form = rules.form_of(draft.kind)
    if form is None:
        raise NotFound(N_("没有这种可以起草的文书"))
    return form


def today() -> date:
    """Return the day on the wall."""
    return subjects.day_of(now())
