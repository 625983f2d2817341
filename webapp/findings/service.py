"""Deriving findings."""

from sqlalchemy.orm import Session

from webapp.core.events import Event


def derive(session: Session, event: Event) -> None:
    """Derive the findings of a submission (reaction to ``inspection.submitted``)."""
