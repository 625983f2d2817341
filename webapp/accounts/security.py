"""Sign-in by Flask-Security: argon2id passwords, sessions that end by a new ``fs_uniquifier``."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemySessionUserDatastore

from webapp.accounts import queries
from webapp.accounts.models import RoleName, User
from webapp.core.access import public
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.core.errors import N_
from webapp.core.language import FOLDER

# Its own Chinese catalogue has no words for half of what people here can meet.
MESSAGES = {
    "GENERIC_AUTHN_FAILED": (N_("用户名或密码不对"), "error"),
    "DISABLED_ACCOUNT": (N_("账号已停用，请联系系统管理员"), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("请填写密码"), "error"),
    "INVALID_PASSWORD": (N_("密码不对"), "error"),
    "UNAUTHENTICATED": (N_("请先登录"), "error"),
    "LOGIN": (N_("请先登录"), "info"),
    "UNAUTHORIZED": (N_("你的角色不能进行这项操作"), "error"),
    "REAUTHENTICATION_REQUIRED": (N_("请再输入一次密码后继续"), "error"),
    "REFRESH": (N_("请再输入一次密码后继续"), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("已确认是你本人"), "info"),
    "ANONYMOUS_USER_REQUIRED": (N_("你已经登录"), "info"),
    "API_ERROR": (N_("请求格式不对。"), "error"),
}


def settings_of(settings: Settings) -> dict[str, Any]:
    """Return the configuration for Flask, its sessions and Flask-Security."""
    https = settings.base_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-mingcha" if https else "mingcha",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "WTF_CSRF_TIME_LIMIT": None,  # a form opened before a day offline still goes through
        "WTF_CSRF_CHECK_DEFAULT": False,  # @requires checks; bearer tokens need none
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_USERNAME_ENABLE": True,
        "SECURITY_USERNAME_REQUIRED": True,
        "SECURITY_USERNAME_MIN_LENGTH": 2,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [
            {"username": {"mapper": _plain, "case_insensitive": True}}
        ],
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_VERIFY_URL": "/sign-in/again",  # /verify is where papers are checked
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "SECURITY_SEND_REGISTER_EMAIL": False,
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_I18N_DOMAIN": "messages",  # our catalogue translates its sentences too
        "SECURITY_I18N_DIRNAME": [str(FOLDER)],
        **{f"SECURITY_MSG_{name}": said for name, said in MESSAGES.items()},
        "REMEMBER_COOKIE_SECURE": https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    }  # fmt: skip


def _plain(name: str) -> str | None:
    return name.strip() or None


class People(SQLAlchemySessionUserDatastore):
    """Where Flask-Security finds people; whose session it is, it asks with every request."""

    def find_user(self, case_insensitive: bool = False, **asked: Any) -> User | None:
        """Return the person that these attributes belong to."""
        if asked.keys() == {"fs_uniquifier"}:
            return queries.user_of_session(db.session(), asked["fs_uniquifier"])
        found: User | None = super().find_user(case_insensitive, **asked)
        return found


def init(app: Flask) -> None:
    """Switch sign-in on and open Flask-Security's own routes to the public."""
    Security(app, People(db.session, User, RoleName), register_blueprint=True)
    # Flask-Security calls what stands here: nobody, by any token (see access.me).
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("security."):
            app.view_functions[endpoint] = public(view)
