"""What the pages of drafts share."""

from datetime import date

from flask import Blueprint
from flask_babel import gettext as _

from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.errors import N_, NotFound
from webapp.documents.drafting import rules
from webapp.documents.kinds.base import Form
from webapp.documents.models import Draft
from webapp.documents.workshop import workshop

bp = Blueprint("drafting", __name__)
DRAFTING = (
    Permission.DOCUMENT_DRAFT, Permission.DOCUMENT_ISSUE, Permission.REPORT_FILE,
    Permission.RECTIFICATION_REPORT,
)  # fmt: skip


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
    return now().astimezone(workshop().settings.zone).date()
