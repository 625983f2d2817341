"""Acts on policy figures: enter one, confirm it, withdraw it."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.errors import N_, Conflict, Forbidden
from webapp.policies.models import PolicyFigure


def enter(
    session: Session,
    *,
    key: str,
    value: float,
    effective_from: date,
    effective_to: date | None,
    source: str,
    document_no: str,
    by: User,
    at: datetime,
) -> PolicyFigure:
    """Enter a figure; it counts once somebody else has confirmed it."""
    figure = PolicyFigure(
        bureau_id=by.bureau_id,
        key=key,
        value=value,
        effective_from=effective_from,
        effective_to=effective_to,
        source=source,
        document_no=document_no,
        by_id=by.id,
        at=at,
    )
    session.add(figure)
    session.flush()
    _record(session, "policy.entered", figure, by_id=by.id, at=at)
    return figure


def confirm(session: Session, figure: PolicyFigure, *, by_id: int, at: datetime) -> None:
    """Let a figure count.

    :raises Forbidden: by the one who entered it.
    :raises Conflict: it was withdrawn.
    """
    if figure.by_id == by_id:
        raise Forbidden(N_("自己录入的参数要由别人复核"))
    if figure.withdrawn_at is not None:
        raise Conflict(N_("这条参数已撤回"), remedy=N_("需要时请重新录入。"))
    if figure.confirmed_at is None:
        figure.confirmed_by_id, figure.confirmed_at = by_id, at
        _record(session, "policy.confirmed", figure, by_id=by_id, at=at)


def withdraw(session: Session, figure: PolicyFigure, *, by_id: int, at: datetime) -> None:
    """Let a figure count no longer; what was found with it stays found."""
    if figure.withdrawn_at is None:
        figure.withdrawn_at = at
        _record(session, "policy.withdrawn", figure, by_id=by_id, at=at)


def _record(session: Session, kind: str, figure: PolicyFigure, *, by_id: int, at: datetime) -> None:
    events.record(
        session,
        kind,
        f"policy:{figure.id}",
        by_id=by_id,
        at=at,
        key=figure.key,
        value=figure.value,
        effective_from=figure.effective_from.isoformat(),
    )
