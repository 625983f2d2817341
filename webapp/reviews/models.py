"""Decisions and comments; a submission is decided once."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, Serial
from webapp.reviews.rules import Decision

__all__ = ["Comment", "Decision", "Review"]


class Review(Base):
    """The one decision on one submission."""

    __tablename__ = "review"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"), index=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), unique=True)
    decision: Mapped[Decision]
    opinion: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Comment(Base):
    """A supervisor's remark on one item of one submission."""

    __tablename__ = "comment"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    item_id: Mapped[str]
    text: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    by: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (Index(None, "submission_id"),)
