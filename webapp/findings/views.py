"""The list of findings: the bureau's for supervisors, a unit's own for its head."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.clock import today
from webapp.core.db import db
from webapp.core.errors import N_
from webapp.core.web import NavItem
from webapp.findings import queries, rules
from webapp.findings.models import Finding, FindingState, Severity
from webapp.findings.queries import Wanted
from webapp.findings.rules import SEVERITY_WORDS

bp = Blueprint("findings", __name__)
NAV = (NavItem("findings.index", N_("问题"), "flag", Permission.FINDING_READ),)
OVERDUE = "overdue"
STATE_WORDS = {
    FindingState.DERIVED: N_("待审核"),
    FindingState.CONFIRMED: N_("已认定"),
    FindingState.DISMISSED: N_("不作问题"),
}


@bp.app_template_filter("severity_pair")
def severity_pair(severity: Severity) -> tuple[str, str]:
    """Return a severity as (kind, word) for ``components/status.html``."""
    return severity.value, _(SEVERITY_WORDS[severity])


@bp.app_template_global()
def deadline_words(days: int | None, unit: str) -> str:
    """Return how long a correction may take, counted from service."""
    if days is None:
        return str(_("未设期限"))
    if days == 0:
        return str(_("送达当日"))
    if unit == "working":
        return str(_("送达后 %(days)d 个工作日内", days=days))
    return str(_("送达后 %(days)d 日内", days=days))


@bp.get("/findings")
@requires(Permission.FINDING_READ)
def index() -> ResponseReturnValue:
    """List findings, newest first."""
    user, session = me(), db.session()
    oversees = Permission.INSPECTION_REVIEW in user.permissions
    wanted = _wanted()
    page = queries.page_of(session, user, wanted, before=_int("before"), after=_int("after"))
    return render_template(
        "findings/index.html",
        page=page,
        filters=_filters(oversees=oversees),
        units=accounts.units_of(session, user.bureau_id) if oversees else [],
        chosen=request.args,
        is_filtered=any(request.args.get(name) for name in ("unit", "severity", "state")),
        count=_count_words(queries.count_of(session, user, wanted)),
        overdue=_is_overdue,
        newer=_page_url(after=page.newer),
        older=_page_url(before=page.older),
    )


def _wanted() -> Wanted:
    severity, state = request.args.get("severity"), request.args.get("state")
    return Wanted(
        unit_id=_int("unit"),
        severity=Severity(severity) if severity in {s.value for s in Severity} else None,
        state=(
            FindingState.DISMISSED
            if state == FindingState.DISMISSED.value
            else FindingState.CONFIRMED
        ),
        overdue_on=today() if state == OVERDUE else None,
    )


def _filters(*, oversees: bool) -> dict[str, list[tuple[str, str]]]:
    states = [("", _("全部")), (OVERDUE, _("已逾期"))]
    if oversees:
        states = [("", _("已认定")), states[1], (FindingState.DISMISSED.value, _("不作问题"))]
    severities = [(s.value, _(SEVERITY_WORDS[s])) for s in reversed(Severity)]
    return {"state": states, "severity": [("", _("全部")), *severities]}


def _is_overdue(finding: Finding) -> bool:
    return rules.is_overdue(finding.due_on, today(), transfer=finding.transfer)


def _int(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _page_url(**place: Any) -> str:
    if None in place.values():
        return ""
    kept: dict[str, Any] = {
        name: request.args[name] for name in ("unit", "severity", "state") if name in request.args
    }
    return url_for(".index", **kept, **place)


def _count_words(count: int) -> str:
    if count > queries.COUNT_MOST:
        return str(_("%(most)s 条以上", most=f"{queries.COUNT_MOST:,}"))
    return str(_("共 %(count)d 条", count=count))
