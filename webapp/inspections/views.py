"""Pages of this slice."""

from flask import Blueprint, redirect, url_for
from webapp.core.access import public
from webapp.core.web import NavItem

bp = Blueprint("inspections", __name__)
NAV: tuple[NavItem, ...] = ()


@bp.get("/")
@public
def home():
    return "home"
