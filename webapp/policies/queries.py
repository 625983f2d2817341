"""Reads of policy figures, always within a bureau."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.checklists.definitions import Checklist
from webapp.core.errors import N_, NotFound
from webapp.policies.models import PolicyFigure
from webapp.policies.rules import Entry, Figures


def figures(session: Session, bureau_id: int, checklist: Checklist, *, at: datetime) -> Figures:
    """Return a checklist's figures as the bureau knew them at an instant.

    What is confirmed or withdrawn later does not change what was found before.
    """
    if not checklist.figures:
        return Figures(checklist)
    row = PolicyFigure
    query = (
        select(
            row.key, row.value, row.effective_from, row.effective_to, row.source, row.document_no
        )
        .where(row.bureau_id == bureau_id, row.key.in_(checklist.figures), row.confirmed_at <= at)
        .where(or_(row.withdrawn_at.is_(None), row.withdrawn_at > at))
        .order_by(row.effective_from, row.id)
    )
    return Figures(checklist, tuple(Entry(*found) for found in session.execute(query)))


def entered(session: Session, bureau_id: int, key: str) -> Sequence[PolicyFigure]:
    """Return all that a bureau ever entered for a figure, the latest in force first."""
    query = select(PolicyFigure).filter_by(bureau_id=bureau_id, key=key)
    query = query.order_by(PolicyFigure.effective_from.desc(), PolicyFigure.id.desc())
    return session.scalars(query).all()


def unconfirmed(session: Session, bureau_id: int) -> set[str]:
    """Return the keys of the figures of which an entry waits to be confirmed."""
    query = select(PolicyFigure.key).filter_by(
        bureau_id=bureau_id, confirmed_at=None, withdrawn_at=None
    )
    return set(session.scalars(query))


def figure_in(session: Session, bureau_id: int, figure_id: int) -> PolicyFigure:
    """Return one that a bureau entered.

    :raises NotFound: there is none.
    """
    query = select(PolicyFigure).filter_by(bureau_id=bureau_id, id=figure_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(N_("没有这条参数"))
    return found
