"""From an approved inspection to signed documents."""

from sqlalchemy.orm import Session

from webapp.core.events import Event


def issue(session: Session, event: Event) -> None:
    """Give numbers and fix the contents (reaction to ``review.approved``)."""


def render(session: Session, event: Event) -> None:
    """Render (reaction to ``document.issued``)."""


def sign(session: Session, event: Event) -> None:
    """Sign (reaction to ``document.rendered``)."""
