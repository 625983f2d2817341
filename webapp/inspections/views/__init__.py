"""Pages of a visit: my tasks, open, fill in, sign, hand in."""

from webapp.accounts.rules import Permission
from webapp.core.errors import N_
from webapp.core.web import NavItem
from webapp.inspections.views import asking, filling, signing, visits
from webapp.inspections.views.board import bp

__all__ = ["NAV", "asking", "bp", "filling", "signing", "visits"]

NAV = (NavItem("inspections.home", N_("我的任务"), "tasks", Permission.INSPECTION_FILL),)
