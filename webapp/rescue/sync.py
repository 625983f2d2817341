"""The phone's own door for a rescue file that it made itself."""

from io import BytesIO
from typing import Literal

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from webapp.accounts.access import me, requires
from webapp.core.db import db
from webapp.core.openapi import describes
from webapp.core.wire import answer
from webapp.rescue import desk, queries

bp = Blueprint("rescue_sync", __name__, url_prefix="/api/v1")


class Receipt(BaseModel):
    """What became of one thing; ``name`` is a question, an id, or a photo's short digest."""

    kind: Literal["photo", "inspection", "change", "changes", "signature", "submission"]
    name: str
    status: Literal["applied", "duplicate", "conflict", "refused"]
    title: str | None = Field(default=None, description="Why it was refused.")


class Imported(BaseModel):
    """What became of all that a file holds."""

    receipts: list[Receipt]


@bp.post("/rescue")
@describes({200: Imported}, request="application/octet-stream")
@requires(begin=False)
def take() -> ResponseReturnValue:
    """Take in one's own rescue file; supervisors bring anybody's of their bureau."""
    request.max_content_length = desk.FILE_MAX_BYTES
    event_id = desk.take(BytesIO(request.get_data(cache=False)))
    receipts = queries.import_of(db.session(), me().bureau_id, event_id).data["receipts"]
    return answer(Imported(receipts=[Receipt(**receipt) for receipt in receipts]))
