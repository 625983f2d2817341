"""The door for a phone whose session has ended, to ask whether it is still trusted."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from webapp.core.access import public
from webapp.core.db import db
from webapp.core.openapi import describes
from webapp.core.wire import answer
from webapp.devices import queries

bp = Blueprint("devices_sync", __name__, url_prefix="/api/v1")


class Standing(BaseModel):
    """How a device stands."""

    revoked: list[int] = Field(description="Ids of those whose use of it was revoked.")


@bp.get("/devices/<uuid:key>")
@describes({200: Standing})
@public
def standing(key: UUID) -> ResponseReturnValue:
    """Say for whom a device was revoked; its key is known to the device alone."""
    return answer(Standing(revoked=queries.revoked_for(db.session(), str(key))))
