"""The devices that people fill in on."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, Serial


class Device(Base):
    """One person's use of one browser.  The phone makes the ``key`` and keeps it.

    ``waiting`` and ``oldest_at`` are what the phone said of its queue; ``synced_at`` is when it
    last handed something over, ``seen_at`` when it was last heard of.
    """

    __tablename__ = "device"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    key: Mapped[str] = mapped_column(index=True)
    user_agent: Mapped[str]
    first_seen_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    synced_at: Mapped[datetime | None]
    waiting: Mapped[int] = mapped_column(default=0)
    oldest_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (UniqueConstraint("user_id", "key"),)
