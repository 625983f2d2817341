"""Reading the published checklists."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.accounts.access import requires
from webapp.accounts.rules import Permission
from webapp.checklists import queries
from webapp.core.db import db
from webapp.core.errors import N_
from webapp.core.web import NavItem

bp = Blueprint("checklists", __name__)
NAV = (NavItem("checklists.index", N_("清单"), "list", Permission.CHECKLIST_READ),)


@bp.get("/checklists")
@requires(Permission.CHECKLIST_READ)
def index() -> ResponseReturnValue:
    """List the newest version of each checklist."""
    versions = queries.latest_versions(db.session())
    return render_template("checklists/index.html", versions=versions)


@bp.get("/checklists/<checklist_id>/<int:number>")
@requires(Permission.CHECKLIST_READ)
def show(checklist_id: str, number: int) -> ResponseReturnValue:
    """Show one version with the legal basis of each item."""
    version = queries.version_numbered(db.session(), checklist_id, number)
    return render_template("checklists/show.html", version=version, checklist=version.definition)
