"""Acts on accounts: make, switch on and off, set a password, give and revoke tokens."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Token, Unit, User
from webapp.accounts.rules import Role
from webapp.core import events
from webapp.core.errors import N_, Conflict, Invalid

PASSWORD_LENGTH_MIN = 10


def add_user(
    session: Session,
    *,
    username: str,
    name: str,
    name_en: str,
    unit: Unit,
    roles: Iterable[Role],
    password: str | None,
    position: str = "",
    by_id: int | None,
    at: datetime,
) -> User:
    """Make an account.

    :raises Conflict: the user name is taken.
    :raises Invalid: the password is too short.
    """
    if session.scalar(select(User.id).where(User.username == username)):
        raise Conflict(N_("用户名 %(username)s 已被占用"), username=username, field="username")
    user = User(
        username=username,
        name=name,
        name_en=name_en,
        position=position,
        unit_id=unit.id,
        unit=unit,
        role_names=[str(role) for role in roles],
        password=hashed(password) if password else None,
        fs_uniquifier=uuid4().hex,
    )
    session.add(user)
    session.flush()
    events.record(session, "user.added", f"user:{user.id}", by_id=by_id, at=at)
    return user


def hashed(password: str) -> str:
    """Return what is kept of a password (argon2id).

    :raises Invalid: it is too short.
    """
    if len(password) < PASSWORD_LENGTH_MIN:
        raise Invalid(N_("密码至少 %(least)d 个字符"), least=PASSWORD_LENGTH_MIN, field="password")
    return str(hash_password(password))


def set_password(
    session: Session, user: User, password: str, *, by_id: int | None, at: datetime
) -> None:
    """Set a new password and end all sessions of this person."""
    user.password = hashed(password)
    user.fs_uniquifier = uuid4().hex
    events.record(session, "user.password_set", f"user:{user.id}", by_id=by_id, at=at)


def set_active(session: Session, user: User, active: bool, *, by_id: int, at: datetime) -> None:
    """Switch an account on or off; off also ends its sessions.

    :raises Conflict: nobody switches off their own account.
    """
    if user.id == by_id:
        raise Conflict(N_("不能停用自己的账号"))
    user.active = active
    user.fs_uniquifier = uuid4().hex
    kind = "user.activated" if active else "user.deactivated"
    events.record(session, kind, f"user:{user.id}", by_id=by_id, at=at)


def give_token(session: Session, user: User, *, label: str, at: datetime) -> str:
    """Make a bearer token for programs; this is the only time its secret is seen."""
    secret = f"mc_{secrets.token_urlsafe(32)}"
    digest = sha256(secret.encode()).hexdigest()
    session.add(Token(user_id=user.id, sha256=digest, label=label, created_at=at))
    events.record(session, "token.given", f"user:{user.id}", by_id=user.id, at=at, label=label)
    return secret


def revoke_tokens(session: Session, user: User, *, by_id: int | None, at: datetime) -> int:
    """Revoke all of a person's tokens; returns how many."""
    living = session.scalars(
        select(Token).where(Token.user_id == user.id, Token.revoked_at.is_(None))
    )
    count = 0
    for count, token in enumerate(living.unique(), start=1):  # noqa: B007 - the count is the answer
        token.revoked_at = at
    events.record(session, "token.revoked", f"user:{user.id}", by_id=by_id, at=at, count=count)
    return count
