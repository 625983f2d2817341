"""Pages about people; the demo's one-click sign-in."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import login_user
from itsdangerous import BadData, URLSafeSerializer
from wtforms.fields.choices import SelectChoice

from webapp.accounts import queries, service
from webapp.accounts.access import me, requires
from webapp.accounts.forms import ROLE_NAMES, PersonForm
from webapp.accounts.models import User
from webapp.accounts.rules import Permission, Role
from webapp.core.access import public
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, NotFound
from webapp.core.web import NavItem, csrf

bp = Blueprint("accounts", __name__)
NAV = (NavItem("accounts.people", N_("人员"), "people", Permission.PEOPLE_MANAGE),)


def demo_link(secret_key: str, username: str) -> str:
    """Return the path that signs a member of the demo cast in."""
    return f"/demo/{URLSafeSerializer(secret_key, 'demo-link').dumps(username)}"


@bp.get("/demo/<token>")
@public
def demo_sign_in(token: str) -> ResponseReturnValue:
    """Sign a member of the demo cast in; exists only where the data is a demo's."""
    settings = current_app.extensions["settings"]
    try:
        username = URLSafeSerializer(settings.secret_key, "demo-link").loads(token)
    except BadData:
        username = None
    if not settings.is_demo or username is None:
        raise NotFound(N_("没有找到这个页面。"))
    login_user(queries.user_named(db.session(), username), authn_via=["demo"])
    return redirect(url_for("inspections.home"), 303)


@bp.get("/people")
@requires(Permission.PEOPLE_MANAGE)
def people() -> ResponseReturnValue:
    """List the bureau's people."""
    return _people(_form())


@bp.post("/people")
@requires(Permission.PEOPLE_MANAGE)
def add() -> ResponseReturnValue:
    """Make an account."""
    form = _form()
    if not form.validate_on_submit():
        return _people(form), 422
    units = queries.units_of(db.session(), me().bureau_id)
    user = service.add_user(
        db.session(),
        username=form.username.data,
        name=form.name.data,
        name_en=form.name.data,
        position=form.position.data or "",
        unit=next(unit for unit in units if unit.id == form.unit_id.data),
        roles=[Role(name) for name in form.roles.data],
        password=form.password.data,
        by_id=me().id,
        at=now(),
    )
    flash(_("已添加 %(name)s", name=user.name), "success")
    return redirect(url_for(".people"), 303)


@bp.post("/people/<int:user_id>/activation")
@requires(Permission.PEOPLE_MANAGE)
def activate(user_id: int) -> ResponseReturnValue:
    """Switch an account on."""
    user = _person(user_id)
    service.set_active(db.session(), user, True, by_id=me().id, at=now())
    flash(_("已启用 %(name)s", name=user.name), "success")
    return redirect(url_for(".people"), 303)


@bp.post("/people/<int:user_id>/deactivation")
@requires(Permission.PEOPLE_MANAGE)
def deactivate(user_id: int) -> ResponseReturnValue:
    """Switch an account off and end its sessions; can be undone by switching it on."""
    user = _person(user_id)
    service.set_active(db.session(), user, False, by_id=me().id, at=now())
    flash(_("已停用 %(name)s，可随时重新启用", name=user.name), "success")
    return redirect(url_for(".people"), 303)


# -- programs' tokens -------------------------------------------------------------------------


@bp.get("/tokens")
@requires()
def tokens() -> ResponseReturnValue:
    """List the person's own tokens."""
    return _tokens(me())


@bp.get("/people/<int:user_id>/tokens")
@requires(Permission.PEOPLE_MANAGE)
def tokens_of(user_id: int) -> ResponseReturnValue:
    """List the tokens of somebody in the bureau."""
    return _tokens(_person(user_id))


@bp.post("/tokens/<int:token_id>/revocation")
@requires()
def revoke_token(token_id: int) -> ResponseReturnValue:
    """End a token for good; a person at a page does so, no program."""
    csrf.protect()
    token = queries.token_for(db.session(), me(), token_id)
    service.revoke_tokens(db.session(), [token], by_id=me().id, at=now())
    flash(_("已撤销“%(label)s”", label=token.label), "success")
    own = token.user_id == me().id
    place = url_for(".tokens") if own else url_for(".tokens_of", user_id=token.user_id)
    return redirect(place, 303)


def _tokens(owner: User) -> str:
    listed = queries.tokens_of(db.session(), owner)
    return render_template("accounts/tokens.html", owner=owner, tokens=listed, own=owner == me())


def _people(form: PersonForm) -> str:
    people = queries.people_of(db.session(), me().bureau_id)
    return render_template("accounts/people.html", people=people, form=form, roles=ROLE_NAMES)


def _form() -> PersonForm:
    form = PersonForm()
    units = queries.units_of(db.session(), me().bureau_id)
    form.unit_id.choices = [SelectChoice(unit.id, unit.name) for unit in units]
    return form


def _person(user_id: int) -> User:
    people = queries.people_of(db.session(), me().bureau_id)
    for user in people:
        if user.id == user_id:
            return user
    raise NotFound(N_("没有这个人"))
