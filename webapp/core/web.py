"""What every answer passes: language, headers, forgery checks, error pages, the one commit."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, format_datetime, gettext
from flask_compress import Compress
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map

from webapp.core import assets
from webapp.core.access import public
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.core.errors import N_, Conflict, Forbidden, NotFound, Refused, TooLarge

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
SAFE = {"GET", "HEAD", "OPTIONS"}
_POLICY = "; ".join(
    ("default-src 'none'", "script-src 'self'", "style-src 'self'{}", "img-src 'self' data: blob:",
     "connect-src 'self'", "font-src 'self'", "form-action 'self'", "manifest-src 'self'",
     "worker-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
     "require-trusted-types-for 'script'", "trusted-types mingcha-sw")
)  # fmt: skip

csrf = CSRFProtect()
bp = Blueprint("web", __name__)


class Whole(IntegerConverter):
    """A number in an address, no larger than every database holds."""

    def __init__(self, url_map: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(url_map, *args, **{"max": 2**53 - 1} | kwargs)


@dataclass(frozen=True)
class NavItem:
    """An entry of the navigation, shown to whoever holds the permission."""

    endpoint: str
    label: str
    icon: str
    permission: str


def init(app: Flask, nav: Iterable[NavItem], may: Callable[[str], bool]) -> None:
    """Give the application its common behaviour."""
    settings: Settings = app.extensions["settings"]
    Babel(app, locale_selector=lambda: LANGUAGES[language()],
          timezone_selector=lambda: settings.timezone)  # fmt: skip
    csrf.init_app(app)
    Compress(app)
    app.session_interface = assets.Sessions()
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # half the bytes
    app.jinja_env.policies["json.dumps_function"] = app.json.dumps  # not the provider of the start
    app.url_map.converters["int"] = Whole
    app.register_blueprint(bp)
    app.register_blueprint(assets.bp)
    app.jinja_env.filters.update(t=lambda text: text.in_(language()), instant=instant, day=day)
    app.jinja_env.globals.update(static_url=assets.static_url, form_styles=assets.form_styles)
    app.jinja_env.globals.update(may=may, language_url=language_url)
    app.jinja_env.globals.update(
        photo_edge_px=settings.photo_edge_px, photo_position=settings.photo_position
    )
    app.context_processor(lambda: context(nav, may, demo=settings.is_demo))
    app.before_request(refuse_foreign_origin)
    app.after_request(finish)
    app.teardown_appcontext(lambda _error: db.session.remove())
    app.register_error_handler(Refused, show_refusal)
    app.register_error_handler(StaleDataError, _lost_race)
    app.register_error_handler(IntegrityError, _lost_race)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(500, _crash)


def context(nav: Iterable[NavItem], may: Callable[[str], bool], *, demo: bool) -> dict[str, Any]:
    """Return what every template sees."""
    shown = [item for item in nav if may(item.permission)]
    here = _here([item.endpoint for item in shown])
    items = [
        {
            "label": gettext(item.label),
            "icon": item.icon,
            "url": url_for(item.endpoint),
            "current": item.endpoint == here,
        }
        for item in shown
    ]
    return {"nav": items, "lang": language(), "demo": demo}


def _here(endpoints: list[str]) -> str | None:
    """Return the entry that this page belongs to: its own, else the first one of its slice."""
    if request.endpoint in endpoints:
        return request.endpoint
    part = (request.blueprint or "").split(".")[0]
    return next((one for one in endpoints if one.split(".")[0] == part), None)


# -- language and time ------------------------------------------------------------------------


def language() -> str:
    """Return ``zh`` or ``en``: what this browser chose, Chinese otherwise."""
    if "language" not in g:
        asked = request.cookies.get("language") or request.headers.get("X-Language", "zh")
        g.language = asked if asked in LANGUAGES else "zh"
    return str(g.language)


def language_url(code: str) -> str:
    """Return the link that shows this page in another language."""
    here = request.full_path if request.query_string else request.path
    return url_for("web.choose_language", code=code, next=here)


@bp.get("/language/<code>")
@public
def choose_language(code: str) -> ResponseReturnValue:
    """Remember the language and go back to the page."""
    if code not in LANGUAGES:
        raise NotFound(N_("没有这种语言"))
    answer = redirect(local_path(request.args.get("next")), 303)
    answer.set_cookie("language", code, max_age=31536000, samesite="Lax", httponly=True,
                      secure=request.is_secure)  # fmt: skip
    return answer


def local_path(target: str | None) -> str:
    """Return ``target`` if it is a path on this site, else the home page."""
    parts = urlsplit(target or "/")
    path = (target or "/").replace("\\", "/")
    foreign = parts.scheme or parts.netloc or path.startswith("//") or not path.startswith("/")
    return "/" if foreign else path


def instant(value: datetime | None) -> str:
    """Show an instant in the unit's zone, to the minute."""
    return format_datetime(value, "yyyy-MM-dd HH:mm") if value else ""


def day(value: datetime | None) -> str:
    """Show the calendar day of an instant in the unit's zone."""
    return format_datetime(value, "yyyy-MM-dd") if value else ""


# -- before and after -------------------------------------------------------------------------


def refuse_foreign_origin() -> None:
    """Refuse a write that another site's page sends with this site's cookie.

    :raises Forbidden: the Origin header names another site.
    """
    origin = request.headers.get("Origin")
    if request.method in SAFE or origin is None or g.get("bearer"):
        return
    if urlsplit(origin).netloc != request.host:
        raise Forbidden(N_("请求来自别的网站，已拒绝。请从本系统的页面重新操作。"), code="origin")


def finish(answer: Response) -> Response:
    """Commit what succeeded, roll back the rest, set the headers."""
    if request.method in SAFE or answer.status_code >= 400:
        db.session.rollback()
    else:
        db.session.commit()
        hand_out()
    headers = answer.headers
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if answer.mimetype == "text/html":
        _guard_page(answer)
    elif answer.mimetype not in assets.PARTS:
        headers.setdefault("Content-Security-Policy", "default-src 'none'")
    headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer


def policy(digest: str = "") -> str:
    """Return what a page or worker may load; ``digest`` is that of the style sheet it carries."""
    return _POLICY.format(digest and f" {digest}")


def _guard_page(answer: Response) -> None:
    digest = g.get("styles_digest", "")
    where = "self" if current_app.extensions["settings"].photo_position else ""
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", policy(digest))
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", f"camera=(self), geolocation=({where}), microphone=()")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")


def hand_out() -> None:
    """Wake the worker for what this transaction owes."""
    owed = db.session.info.pop("owed", [])
    wake = current_app.extensions.get("wake")
    if owed and wake:
        wake(owed)


# -- refusals ---------------------------------------------------------------------------------


def wants_problem() -> bool:
    """Tell whether the asker is a program."""
    return request.path.startswith("/api/")


def problem(refusal: Refused) -> dict[str, Any]:
    """Return a refusal as an RFC 9457 problem in the user's language."""
    remedy = refusal.params.get("remedy")
    body = {
        "type": "about:blank",
        "status": refusal.status,
        "code": refusal.code,
        "title": words(refusal),
        "field": refusal.field,
        "remedy": gettext(remedy) if isinstance(remedy, str) else None,
    }
    details = {k: v for k, v in refusal.params.items() if k not in {"field", "remedy"}}
    return {k: v for k, v in body.items() if v is not None} | {"params": details}


def words(refusal: Refused) -> str:
    """Return the refusal's sentence in the user's language."""
    return str(gettext(refusal.message, **refusal.params))


def show_refusal(refusal: Refused) -> ResponseReturnValue:
    """Answer a refusal: a page for people, a problem for programs."""
    if wants_problem():
        answer = jsonify(problem(refusal))
        answer.status_code = refusal.status
        answer.mimetype = "application/problem+json"
        if refusal.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if refusal.status == 401:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")), 303)
    page = render_template("errors/error.html", code=refusal.status, problem=problem(refusal))
    return make_response(page, refusal.status)


def _lost_race(error: Exception) -> ResponseReturnValue:
    current_app.logger.info("lost race: %s", error)
    return show_refusal(Conflict(N_("别人刚刚改动了它。请刷新后再操作。"), code="stale"))


def _forged(error: CSRFError) -> ResponseReturnValue:
    current_app.logger.info("forgery check: %s", error.description)
    return show_refusal(
        Refused(
            N_("页面已过期或登录已失效，没有提交成功。"),
            code="csrf",
            remedy=N_("请返回上一页，刷新后重新提交；填写的内容仍在。"),
        )
    )


HTTP_WORDS = {
    400: N_("请求格式不对。"),
    404: N_("没有找到这个页面。"),
    405: N_("这个地址不支持这样的操作。"),
    413: N_("文件太大，没有接收。"),
    415: N_("文件格式不支持。"),
    429: N_("操作太频繁，请稍后再试。"),
}


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, RequestEntityTooLarge):
        return show_refusal(TooLarge(HTTP_WORDS[413]))
    if error.code is None or error.code < 400:
        return error.get_response()
    code = error.name.lower().replace(" ", "_")
    refusal = Refused(HTTP_WORDS.get(error.code, N_("操作没有成功。")), code=code)
    refusal.status = error.code  # type: ignore[misc]  # this one refusal's own status
    shown = current_app.make_response(show_refusal(refusal))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        shown.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return shown


def _crash(_error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    refusal = Refused(
        N_("系统出错，没有保存。"),
        code="server_error",
        remedy=N_("请稍后再试；如果一直这样，请告诉系统管理员。"),
    )
    refusal.status = 500  # type: ignore[misc]  # this one refusal's own status
    return show_refusal(refusal)
