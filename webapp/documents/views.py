"""Pages of documents: the list, one document, its file; what failed; the public check."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from webapp.core.web import NavItem
from webapp.documents.workshop import open_workshop

bp = Blueprint("documents", __name__)
NAV: tuple[NavItem, ...] = ()


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    extensions = state.app.extensions
    open_workshop(extensions["settings"], extensions["storage"])
