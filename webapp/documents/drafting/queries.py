"""Reads of drafts and previews, always as seen by a user: a stranger finds nothing."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, undefer

from webapp.accounts.models import User
from webapp.core.errors import N_, NotFound
from webapp.documents.drafting import rules
from webapp.documents.models import Draft, Preview

MOST = 200


def visible(user: User) -> Select[Draft]:
    """Return the query for all drafts that ``user`` may know of: own ones, and those handed on to
    whoever issues their kind, within the bureau.
    """  # noqa: D205 - one sentence
    handed_on = Draft.kind.in_(rules.issued_by(user.permissions)) & Draft.offered_at.is_not(None)
    ways: list[ColumnElement[bool]] = [Draft.author_id == user.id, handed_on]
    return select(Draft).where(Draft.bureau_id == user.bureau_id, or_(*ways))


def drafts_of(session: Session, user: User) -> Sequence[Draft]:
    """Return the user's own drafts, the latest changed first."""
    query = visible(user).where(Draft.author_id == user.id)
    return session.scalars(query.order_by(Draft.changed_at.desc()).limit(MOST)).all()


def offered_to(session: Session, user: User) -> Sequence[Draft]:
    """Return what waits for the user to issue it, the longest first."""
    query = visible(user).where(Draft.author_id != user.id)
    return session.scalars(query.order_by(Draft.offered_at).limit(MOST)).all()


def draft_of(session: Session, user: User, draft_id: UUID, *, lock: bool = False) -> Draft:
    """Return a draft as seen by ``user``.

    :raises NotFound: there is none, or not for this user.
    """
    query = visible(user).where(Draft.id == draft_id)
    if lock:
        query = query.with_for_update(of=Draft).execution_options(populate_existing=True)
    draft = session.scalar(query)
    if draft is None:
        raise NotFound(N_("没有找到这份草稿"))
    return draft


def preview_of(
    session: Session, user: User, preview_id: UUID, *, pdf: bool = False, typed: bool = False
) -> Preview:
    """Return a preview that ``user`` asked for, with its file or what was typed then.

    :raises NotFound: there is none, or somebody else's, or it was too old and is gone.
    """
    query = select(Preview).where(Preview.id == preview_id, Preview.by_id == user.id)
    wanted = [undefer(Preview.pdf)] * pdf + [undefer(Preview.typed)] * typed
    preview = session.scalar(query.options(*wanted))
    if preview is None:
        raise NotFound(N_("没有找到这份预览，请重新预览"))
    return preview


def beside(session: Session, preview: Preview) -> Sequence[Preview]:
    """Return the previews that were asked for together with one about an inspection, itself too."""
    if preview.inspection_id is None:
        return (preview,)
    query = select(Preview).where(
        Preview.by_id == preview.by_id,
        Preview.inspection_id == preview.inspection_id,
        Preview.draft_id.is_(None),
        Preview.asked_at == preview.asked_at,
    )
    record_first = Preview.kind != "site_record"
    return session.scalars(query.order_by(record_first, Preview.kind)).all()
