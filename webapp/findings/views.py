"""Pages of this slice."""

from flask import Blueprint

from webapp.core.web import NavItem

bp = Blueprint("findings", __name__)
NAV: tuple[NavItem, ...] = ()
