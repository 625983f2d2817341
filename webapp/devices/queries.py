"""Reads of devices, always within a bureau."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Unit, User
from webapp.core.errors import N_, Forbidden, NotFound
from webapp.core.prepared import Prepared
from webapp.devices.models import Device

LIST_MAX = 1000
DEVICES = cast(Table, Device.__table__)


class Contacts(NamedTuple):
    """When a device was heard of and last handed something over, and how much waited then."""

    seen_at: datetime
    synced_at: datetime | None
    waiting: int


LIVING = Prepared(
    select(DEVICES.c.seen_at, DEVICES.c.synced_at, DEVICES.c.waiting, DEVICES.c.revoked_at).where(
        DEVICES.c.user_id == bindparam("user"), DEVICES.c.key == bindparam("key")
    )
)


def living(session: Session, user_id: int, key: str) -> Contacts | None:
    """Return what is noted of a device, or nothing where it is not known yet.

    :raises Forbidden: it was revoked (``device_revoked``).
    """
    row = LIVING.first(session, {"user": user_id, "key": key})
    if row is None:
        return None
    seen_at, synced_at, waiting, revoked_at = row
    if revoked_at:
        raise Forbidden(
            N_("这台设备已被停用，不再接收它的数据"),
            code="device_revoked",
            remedy=N_("请导出救援文件交给分管领导导入，并联系系统管理员。"),
        )
    return Contacts(seen_at, synced_at, waiting)


def revoked_for(session: Session, key: str) -> list[int]:
    """Return the ids of those for whom this device was revoked."""
    query = select(DEVICES.c.user_id).where(DEVICES.c.key == key, DEVICES.c.revoked_at.is_not(None))
    return list(session.connection().execute(query).scalars())


def devices_in(session: Session, bureau_id: int) -> Sequence[Device]:
    """Return a bureau's devices, the latest heard of first."""
    query = select(Device).join(User, Device.user_id == User.id).join(Unit)
    query = query.where(Unit.bureau_id == bureau_id).order_by(Device.seen_at.desc()).limit(LIST_MAX)
    return session.scalars(query).unique().all()


def devices_of(session: Session, user: User) -> Sequence[Device]:
    """Return a person's own devices, the latest heard of first."""
    query = select(Device).where(Device.user_id == user.id).order_by(Device.seen_at.desc())
    return session.scalars(query.limit(LIST_MAX)).unique().all()


def device_in(session: Session, bureau_id: int, device_id: int) -> Device:
    """Return a device of a bureau.

    :raises NotFound: there is none.
    """
    query = select(Device).join(User, Device.user_id == User.id).join(Unit)
    query = query.where(Device.id == device_id, Unit.bureau_id == bureau_id)
    device = session.scalars(query).unique().one_or_none()
    if device is None:
        raise NotFound(N_("没有这台设备"))
    return device
