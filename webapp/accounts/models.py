"""Bureaus, their units, the people in them, and the tokens of programs."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts import rules
from webapp.core.db import Base, Serial


class Bureau(Base):
    """A bureau: the border that no row crosses."""

    __tablename__ = "bureau"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str]
    issuer: Mapped[str]
    """Name over a formal document, as in 中共示例县自然资源局党组."""
    number_mark: Mapped[str]
    """What stands before the year in a document number, as in 示自然资党督."""
    fonds_no: Mapped[str]
    section_code: Mapped[str]
    """Code of the filing section in archive numbers, as in JDC."""


class UnitKind(enum.Enum):
    """What a unit is within its bureau."""

    SECTION = "section"
    AFFILIATE = "affiliate"
    STATION = "station"


class Unit(Base):
    """A section, an affiliated centre or a field station of a bureau."""

    __tablename__ = "unit"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    kind: Mapped[UnitKind]
    name: Mapped[str]
    name_en: Mapped[str]
    bureau: Mapped[Bureau] = relationship(lazy="select")
    __table_args__ = (UniqueConstraint("bureau_id", "name"),)


@dataclass(frozen=True)
class RoleName(RoleMixin):
    """A role as Flask-Security wants to see it."""

    name: str


class User(Base, UserMixin):
    """A person who signs in.  Signing out everywhere is a new ``fs_uniquifier``."""

    __tablename__ = "user"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[str] = mapped_column(default="")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    role_names: Mapped[list[Any]] = mapped_column(default=list)
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)

    email = None  # Flask-Security asks for it; people here sign in by user name

    @property
    def roles(self) -> list[RoleName]:
        """The roles as Flask-Security wants to see them."""
        return [RoleName(name) for name in self.role_names]

    @property
    def bureau_id(self) -> int:
        """The bureau this person belongs to."""
        return self.unit.bureau_id

    @cached_property
    def permissions(self) -> frozenset[rules.Permission]:
        """All that this person's roles may do."""
        return rules.permissions_of(self.role_names)

    def narrow(self, scopes: Iterable[str]) -> None:
        """Hold this person to the permissions that also stand here, for the rest of the request."""
        self.permissions = self.permissions & frozenset(scopes)

    def display(self, lang: str) -> str:
        """Return the name as shown in a language."""
        return self.name if lang == "zh" else self.name_en


class Token(Base):
    """A program's bearer token, kept as its SHA-256 only.

    ``scopes`` are the permissions it is held to; none named: all that its owner has.
    """

    __tablename__ = "token"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    sha256: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str]
    scopes: Mapped[list[Any] | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (Index(None, "user_id"),)
