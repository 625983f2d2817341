"""The phone's door: batches of items in, a receipt for each out."""

from flask import Blueprint

bp = Blueprint("sync", __name__, url_prefix="/api/v1")
