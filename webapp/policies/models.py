"""The figures that bureaus enter."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, Serial


class PolicyFigure(Base):
    """One figure of one bureau, in force from a day on, to the last day or until another follows.

    ``source`` and ``document_no`` name the paper that sets it.  It counts once somebody else has
    confirmed it (domain notes, wedding-funeral §9), and no longer once it is withdrawn.
    """

    __tablename__ = "policy_figure"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    key: Mapped[str]
    value: Mapped[float]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    source: Mapped[str]
    document_no: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    by: Mapped[User] = relationship(lazy="joined", innerjoin=True, foreign_keys=[by_id])
    confirmed_by: Mapped[User | None] = relationship(lazy="joined", foreign_keys=[confirmed_by_id])
    __table_args__ = (
        CheckConstraint("value >= 0", "not_negative"),
        CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", "days_in_order"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> by_id", "two_people"),
        Index(None, "bureau_id", "key", "effective_from"),
    )
