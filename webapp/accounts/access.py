"""Who is asking, and may they?  ``@requires`` stands on every route that is not ``@public``."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request
from flask_security import current_user

from webapp.accounts import queries
from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.core.db import db
from webapp.core.errors import N_, Forbidden, Unauthenticated
from webapp.core.web import SAFE, csrf

F = TypeVar("F", bound=Callable[..., Any])


def me() -> User:
    """Return who is asking: by session cookie or by bearer token.

    :raises Unauthenticated: nobody, or a token that is not living.
    """
    if "user" not in g:
        g.user = _identify()
    return cast(User, g.user)


def _identify() -> User:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        user = queries.user_of_token(db.session(), secret.strip())
        if user is None:
            raise Unauthenticated(N_("访问令牌无效或已撤销"), code="token")
        g.bearer = True
        return user
    if not current_user.is_authenticated:
        raise Unauthenticated(
            N_("登录已失效，请重新登录。"), remedy=N_("已填写的内容保存在本机，登录后自动继续。")
        )
    return cast(User, current_user._get_current_object())


def by_program() -> bool:
    """Tell whether a program asks, with a token of its owner."""
    me()
    return bool(g.get("bearer"))


def may(permission: str) -> bool:
    """Tell whether the one who asks may do this (for templates)."""
    if request.endpoint is None:
        return False
    try:
        return permission in me().permissions
    except Unauthenticated:
        return False


def requires(*permissions: Permission, begin: bool = True) -> Callable[[F], F]:
    """Let in only who is signed in and holds one of ``permissions`` (none given: anybody).

    A write also passes the forgery check (cookie sessions) and begins the writing transaction;
    with ``begin=False`` the view begins it itself, after slow work that needs no lock.
    """

    def decorate(view: F) -> F:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            user = me()
            if permissions and user.permissions.isdisjoint(permissions):
                raise Forbidden(N_("你的角色不能进行这项操作"))
            if request.method not in SAFE:
                if not g.get("bearer"):
                    csrf.protect()
                if begin:
                    db.begin_write(db.session())
            return view(*args, **kwargs)

        mark = "|".join(permissions) or "signed_in"
        guarded.__permission__ = mark  # type: ignore[attr-defined]
        return cast(F, guarded)

    return decorate
