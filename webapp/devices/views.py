"""Pages about devices: all of them for those who watch over them, and one's own."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_
from webapp.core.web import NavItem
from webapp.devices import queries, rules, service
from webapp.devices.models import Device
from webapp.devices.rules import Condition

bp = Blueprint("devices", __name__)
NAV = (NavItem("devices.index", N_("设备"), "phone", Permission.DEVICE_READ),)
CONDITION_WORDS = {
    Condition.OVERDUE: N_("逾期未上传"),
    Condition.WAITING: N_("有未上传"),
    Condition.CLEAR: N_("已全部上传"),
    Condition.REVOKED: N_("已停用"),
}


@bp.app_template_filter("device_name")
def device_name(device: Device) -> str:
    """Return what a device is, in plain words."""
    return " · ".join(_(word) for word in rules.words_of(device.user_agent)) or _("程序")


@bp.get("/devices")
@requires(Permission.DEVICE_READ)
def index() -> ResponseReturnValue:
    """List the bureau's devices, overdue ones first."""
    devices = queries.devices_in(db.session(), me().bureau_id)
    return render_template("devices/index.html", devices=_told(devices))


@bp.get("/devices/mine")
@requires()
def mine() -> ResponseReturnValue:
    """Show the person's own devices, and how this one keeps what is on it."""
    devices = queries.devices_of(db.session(), me())
    return render_template("devices/mine.html", devices=_told(devices))


@bp.post("/devices/<int:device_id>/revocation")
@requires(Permission.DEVICE_REVOKE)
def revoke(device_id: int) -> ResponseReturnValue:
    """Trust a device no longer."""
    device = queries.device_in(db.session(), me().bureau_id, device_id)
    service.revoke(db.session(), device, by_id=me().id, at=now())
    flash(_("已停用 %(name)s 的设备，随时可以恢复", name=device.user.name), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/devices/<int:device_id>/restoration")
@requires(Permission.DEVICE_REVOKE)
def restore(device_id: int) -> ResponseReturnValue:
    """Trust a device again."""
    device = queries.device_in(db.session(), me().bureau_id, device_id)
    service.restore(db.session(), device, by_id=me().id, at=now())
    flash(_("已恢复 %(name)s 的设备", name=device.user.name), "success")
    return redirect(url_for(".index"), 303)


def _told(devices: Iterable[Device]) -> list[tuple[Device, tuple[str, str]]]:
    """Return devices with their status, the most pressing first; else as they came."""
    order = list(Condition)
    told = [(device, _condition(device)) for device in devices]
    told.sort(key=lambda one: order.index(one[1]))
    return [(device, (one.value, _(CONDITION_WORDS[one]))) for device, one in told]


def _condition(device: Device) -> Condition:
    return rules.condition(device.revoked_at, device.waiting, device.oldest_at, at=now())
