"""Pages of this slice."""

from flask import Blueprint

from webapp.core.web import NavItem

bp = Blueprint("documents", __name__)
NAV: tuple[NavItem, ...] = ()
