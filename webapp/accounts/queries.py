"""Reads about people and units."""

from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Token, Unit, User
from webapp.accounts.rules import Permission
from webapp.core.db import adopt
from webapp.core.errors import N_, NotFound
from webapp.core.prepared import Prepared

USERS, UNITS, TOKENS = (cast(Table, model.__table__) for model in (User, Unit, Token))


def _people(*where: ColumnElement[bool], of: Iterable[Column[Any]] = ()) -> Prepared:
    """Return a query for people, each a row for ``_person`` with the columns ``of`` before it."""
    return Prepared(select(*of, *USERS.c, *UNITS.c).join_from(USERS, UNITS).where(*where))


# Asked with every request.
SIGNED_IN = _people(USERS.c.fs_uniquifier == bindparam("session"), USERS.c.active)
BEARER = _people(
    USERS.c.id == TOKENS.c.user_id, TOKENS.c.sha256 == bindparam("sha256"),
    TOKENS.c.revoked_at.is_(None), USERS.c.active, of=[TOKENS.c.scopes],
)  # fmt: skip
ONE_OF = _people(USERS.c.id == bindparam("id"), UNITS.c.bureau_id == bindparam("bureau"))
INSPECTORS = select(User).join(Unit).where(Unit.bureau_id == bindparam("bureau")).order_by(User.id)
UNIT = Prepared(
    select(UNITS).where(UNITS.c.id == bindparam("id"), UNITS.c.bureau_id == bindparam("bureau"))
)


def _person(session: Session, row: Sequence[Any]) -> User:
    own = len(USERS.c)
    unit = adopt(session, Unit, dict(zip(UNITS.c.keys(), row[own:], strict=True)))
    user = dict(zip(USERS.c.keys(), row[:own], strict=True))
    return adopt(session, User, user | {"unit": unit})


def user_of_session(session: Session, uniquifier: str) -> User | None:
    """Return who signed in, while the account is active and the sign-in not ended."""
    row = SIGNED_IN.first(session, {"session": uniquifier})
    return _person(session, row) if row else None


def user_of_token(session: Session, secret: str) -> User | None:
    """Return whose living token this is, if it is one; held to the token's scopes."""
    row = BEARER.first(session, {"sha256": sha256(secret.encode()).hexdigest()})
    if row is None:
        return None
    scopes, *person = row
    user = _person(session, person)
    if scopes is not None:
        user.narrow(scopes)
    return user


def tokens_of(session: Session, user: User) -> Sequence[Token]:
    """Return a person's tokens, living and revoked, the newest first."""
    query = select(Token).where(Token.user_id == user.id).order_by(Token.id.desc())
    return session.scalars(query).unique().all()


def token_for(session: Session, by: User, token_id: int) -> Token:
    """Return a token that this person may end: their own, or any of the bureau as administrator.

    :raises NotFound: there is none, or not for this person.
    """
    token: Token | None = session.get(Token, token_id)
    if token is not None:
        manages = Permission.PEOPLE_MANAGE in by.permissions
        if token.user_id == by.id or (manages and token.user.bureau_id == by.bureau_id):
            return token
    raise NotFound(N_("没有这个令牌"))


def user_named(session: Session, username: str) -> User:
    """Return the person with this user name.

    :raises NotFound: nobody has it.
    """
    user: User | None = session.scalar(select(User).where(User.username == username))
    if user is None:
        raise NotFound(N_("没有用户 %(username)s"), username=username)
    return user


def units_of(session: Session, bureau_id: int) -> Sequence[Unit]:
    """Return a bureau's units in their customary order."""
    return session.scalars(select(Unit).where(Unit.bureau_id == bureau_id).order_by(Unit.id)).all()


def unit_in(session: Session, bureau_id: int, unit_id: int) -> Unit | None:
    """Return a bureau's unit, if it has it."""
    row = UNIT.first(session, {"bureau": bureau_id, "id": unit_id})
    return adopt(session, Unit, dict(zip(UNITS.c.keys(), row, strict=True))) if row else None


def people_of(session: Session, bureau_id: int) -> Sequence[User]:
    """Return everybody in a bureau."""
    query = select(User).join(Unit).where(Unit.bureau_id == bureau_id).order_by(User.id)
    return session.scalars(query).unique().all()


def inspectors_of(
    session: Session, bureau_id: int, ids: Collection[int] | None = None
) -> list[User]:
    """Return a bureau's active inspectors; of those with ``ids`` where given."""
    if ids is None:
        people = list(session.scalars(INSPECTORS, {"bureau": bureau_id}))
    else:
        asked = ({"bureau": bureau_id, "id": user_id} for user_id in sorted(set(ids)))
        rows = (ONE_OF.first(session, one) for one in asked)
        people = [_person(session, row) for row in rows if row]
    return [user for user in people if user.active and "inspector" in user.role_names]
