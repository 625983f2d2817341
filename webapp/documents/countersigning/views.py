"""The page on which a person looks at a paper's very pages and signs it, or refuses."""

import json
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import verify_password
from pydantic import ValidationError

from webapp.accounts.access import by_program, me, requires
from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Forbidden, Invalid, NotFound, Refused
from webapp.core.web import words
from webapp.documents.countersigning import queries, service
from webapp.documents.countersigning.forms import SigningForm
from webapp.documents.countersigning.queries import Turn
from webapp.documents.countersigning.rules import OTHER_SIDE, Method, Way
from webapp.documents.countersigning.service import Given
from webapp.documents.drafting.previews import page_picture
from webapp.documents.limits import passwords
from webapp.documents.workshop import workshop
from webapp.inspections.messages import Strokes

bp = Blueprint("countersigning", __name__)


@bp.app_template_global()
def papers_to_sign() -> list[Turn]:
    """Return the papers that wait for the signature of whoever asks."""
    return queries.waiting_for(db.session(), me())


@bp.get("/documents/<uuid:document_id>/signature")
@requires(Permission.DOCUMENT_READ)
def show(document_id: UUID) -> ResponseReturnValue:
    """Show the pages, who signed them so far, and a place to sign for whoever's turn it is."""
    turn = queries.turn_of(db.session(), me(), document_id)
    return _page(turn, SigningForm(formdata=None))


@bp.get("/documents/<uuid:document_id>/signature/pages/<int:number>")
@requires(Permission.DOCUMENT_READ)
def page(document_id: UUID, number: int) -> ResponseReturnValue:
    """Return one page of the file that is to be signed, as a picture."""
    turn = queries.turn_of(db.session(), me(), document_id)
    if request.args.get("digest") != turn.file_sha256:
        raise NotFound(N_("没有这一页"))
    picture = page_picture(workshop().storage.get(turn.file_sha256), number)
    if picture is None:
        raise NotFound(N_("没有这一页"))
    answer = Response(picture, mimetype="image/png")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@bp.post("/documents/<uuid:document_id>/signature")
@requires(Permission.DOCUMENT_READ, begin=False)
def sign(document_id: UUID) -> ResponseReturnValue:
    """Sign, or refuse, for the very file that was shown; a person does, no program for them."""
    if by_program():
        raise Forbidden(
            N_("程序不能代人签名"), code="person_only",
            remedy=N_("请本人登录，在签名页看过各页再签。"),
        )  # fmt: skip
    turn, form, at = queries.turn_of(db.session(), me(), document_id), SigningForm(), now()
    if not form.validate_on_submit():
        return _page(turn, form), 422
    try:
        given = _given(turn, form)
        service.check(turn, given, shown_sha256=form.digest.data or "")
        _confirm(me(), form.password.data or "")
        _keep(turn, given, at)
    except Refused as refusal:
        db.session.rollback()
        turn = queries.turn_of(db.session(), me(), document_id)
        return _page(turn, form, refusal), refusal.status
    flash(_("已记录拒签") if given.method is Method.REFUSED else _("已签名"), "success")
    return redirect(url_for("documents.index"), 303)


def _keep(turn: Turn, given: Given, at: datetime) -> None:
    session, by, ends = db.session(), me(), service.ends_it(turn, given)
    written = None if ends else service.write(session, turn, given, by=by, at=at)
    session.rollback()
    db.begin_write(session)
    service.give(session, turn, given, written, by=by, at=at)


def _confirm(user: User, password: str) -> None:
    """Make sure that who is here is still who signed in, each time.

    :raises Invalid: the password is wrong or missing, or there is none to be asked for.
    :raises Busy: too many wrong ones.
    """
    if user.password is None:
        if _is_confirmed_by(user) == "nothing":
            return
        raise Invalid(
            N_("你的账号没有密码，不能签名"), code="no_password",
            remedy=N_("请系统管理员在服务器上为你设置密码，再回到这一页签名。"),
        )  # fmt: skip
    passwords.count(f"user {user.id}")
    if not verify_password(password, user.password):
        raise Invalid(N_("密码不对"), field="password")
    passwords.forgive(f"user {user.id}")


def _is_confirmed_by(user: User) -> str:
    """Return what confirms a person: ``password``; ``nothing`` in a demo, whose people sign in by a
    link; else ``none``, and they cannot sign.
    """  # noqa: D205 - one sentence
    if user.password is not None:
        return "password"
    return "nothing" if workshop().settings.is_demo else "none"


def _given(turn: Turn, form: SigningForm) -> Given:
    strokes = _strokes(form.strokes.data)
    method = Method.DRAWN if strokes else Method.TYPED
    name = me().name if turn.way is Way.OWN else (form.name.data or "").strip()
    if form.refused.data:
        method = Method.REFUSED
    told = ((form[each].data or "").strip() for each in ("reason", "witness"))
    reason, witness = told if method is Method.REFUSED else ("", "")
    return Given(method, name, strokes if method is Method.DRAWN else None, reason, witness)


def _strokes(text: str | None) -> dict[str, object] | None:
    if not text:
        return None
    try:
        return Strokes.model_validate(json.loads(text)).model_dump()
    except (ValueError, ValidationError) as error:
        raise Invalid(N_("签名数据不完整，请重新签名"), field="strokes") from error


def _page(turn: Turn, form: SigningForm, refusal: Refused | None = None) -> str:
    form.digest.data = turn.file_sha256  # after a refusal too: the pages below are shown anew
    if refusal is not None:
        if refusal.field in form and form[refusal.field].type != "HiddenField":
            field = form[refusal.field]
            field.errors = [*field.errors, words(refusal)]
    elif not form.is_submitted():
        form.name.data = turn.row.printed_name.partition("（")[0]
    return render_template(
        "countersigning/show.html",
        turn=turn,
        document=turn.document,
        form=form,
        refusal=words(refusal) if refusal else "",
        may_refuse=turn.way is not None,
        ends=turn.row.role not in OTHER_SIDE,
        attended=turn.way is Way.ATTENDED,
        confirmed_by=_is_confirmed_by(me()),
        username=me().username,
    )
