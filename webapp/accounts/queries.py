"""Reads about people and units."""

from collections.abc import Collection, Sequence
from hashlib import sha256

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Token, Unit, User
from webapp.accounts.rules import Permission
from webapp.core.errors import N_, NotFound

# Asked with every request: built once, for building costs more than asking.
SIGNED_IN = select(User).where(User.fs_uniquifier == bindparam("session"), User.active)
TOKEN = select(Token).where(Token.sha256 == bindparam("sha256"), Token.revoked_at.is_(None))
INSPECTORS = select(User).join(Unit).where(Unit.bureau_id == bindparam("bureau")).order_by(User.id)
THESE_INSPECTORS = INSPECTORS.where(User.id.in_(bindparam("ids", expanding=True)))
UNIT = select(Unit).where(Unit.id == bindparam("id"), Unit.bureau_id == bindparam("bureau"))


def user_of_session(session: Session, uniquifier: str) -> User | None:
    """Return who signed in, while the account is active and the sign-in not ended."""
    user: User | None = session.scalar(SIGNED_IN, {"session": uniquifier})
    return user


def user_of_token(session: Session, secret: str) -> User | None:
    """Return whose living token this is, if it is one; held to the token's scopes."""
    digest = sha256(secret.encode()).hexdigest()
    token = session.scalar(TOKEN, {"sha256": digest})
    if token is None or not token.user.active:
        return None
    user: User = token.user
    if token.scopes is not None:
        user.narrow(token.scopes)
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
    unit: Unit | None = session.scalar(UNIT, {"bureau": bureau_id, "id": unit_id})
    return unit


def people_of(session: Session, bureau_id: int) -> Sequence[User]:
    """Return everybody in a bureau."""
    query = select(User).join(Unit).where(Unit.bureau_id == bureau_id).order_by(User.id)
    return session.scalars(query).unique().all()


def inspectors_of(
    session: Session, bureau_id: int, ids: Collection[int] | None = None
) -> list[User]:
    """Return a bureau's active inspectors; of those with ``ids`` where given."""
    asked: dict[str, object] = {"bureau": bureau_id}
    if ids is not None:
        asked["ids"] = list(ids)
    people = session.scalars(INSPECTORS if ids is None else THESE_INSPECTORS, asked)
    return [user for user in people if user.active and "inspector" in user.role_names]
