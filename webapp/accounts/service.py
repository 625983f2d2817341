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
from webapp.accounts.rules import Permission, Role
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


def give_token(
    session: Session, user: User, *, label: str, at: datetime, scopes: Iterable[Permission] = ()
) -> str:
    """Make a bearer token for programs; this is the only time its secret is seen.

    ``scopes`` hold it to some of the owner's permissions, now and later; none: to all of them.

    :raises Invalid: the owner has not got what a scope names.
    """
    held = sorted(set(scopes))
    if beyond := set(held) - user.permissions:
        raise Invalid(
            N_("%(name)s 没有这项权限：%(scopes)s"),
            name=user.name, scopes=", ".join(sorted(beyond)), field="scope",
        )  # fmt: skip
    secret = f"mc_{secrets.token_urlsafe(32)}"
    digest = sha256(secret.encode()).hexdigest()
    session.add(
        Token(user_id=user.id, sha256=digest, label=label, scopes=held or None, created_at=at)
    )
    events.record(
        session, "token.given", f"user:{user.id}", by_id=user.id, at=at, label=label, scopes=held
    )
    return secret


def revoke_tokens(
    session: Session, tokens: Iterable[Token], *, by_id: int | None, at: datetime
) -> int:
    """End tokens; returns how many were living.  Those that had ended stay as they are."""
    living = [token for token in tokens if token.revoked_at is None]
    for token in living:
        token.revoked_at = at
        events.record(
            session, "token.revoked", f"user:{token.user_id}", by_id=by_id, at=at,
            token=token.id, label=token.label,
        )  # fmt: skip
    return len(living)
