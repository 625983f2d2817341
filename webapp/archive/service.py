"""Sealing."""

from sqlalchemy.orm import Session

from webapp.core.events import Event


def seal(session: Session, event: Event) -> None:
    """Seal a signed document (reaction to ``document.signed``)."""
