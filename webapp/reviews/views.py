"""Pages of this slice."""

from flask import Blueprint

from webapp.core.web import NavItem

bp = Blueprint("reviews", __name__)
NAV: tuple[NavItem, ...] = ()
