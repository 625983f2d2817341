"""``/healthz``: open and cheap."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from webapp.core.access import public
from webapp.core.db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Say that the server answers and the database with it."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok")
