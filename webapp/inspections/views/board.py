"""The blueprint that the pages of a visit hang on, and what they share."""

from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, url_for
from flask_babel import gettext as _

from webapp.core.errors import N_, Refused
from webapp.core.web import words
from webapp.inspections.rules import Status

bp = Blueprint("inspections", __name__)


STATUS_WORDS = {
    Status.DRAFT: N_("填写中"),
    Status.SUBMITTED: N_("待审核"),
    Status.RETURNED: N_("已退回"),
    Status.APPROVED: N_("已通过"),
    Status.CANCELLED: N_("已取消"),
}


@bp.app_template_filter("status_pair")
def status_pair(status: Status) -> tuple[str, str]:
    """Return a status as (kind, word) for ``components/status.html``."""
    return status.value, _(STATUS_WORDS[status])


@bp.app_template_global()
def evidence_url(sha256: str) -> str:
    """Return the address of a photo as it is shown."""
    return url_for("inspections.photo", sha256=sha256)


def tell(form: Any, refusal: Refused, otherwise: str) -> None:
    """Put a refusal beside the field it is about."""
    field = form[refusal.field if refusal.field in form else otherwise]
    field.errors = [*field.errors, words(refusal)]


def id_of(text: str | None) -> UUID:
    """Return the id that a page made, or a fresh one where it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()
