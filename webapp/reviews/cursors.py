"""A place in the queue as it stands in an address: ``<microseconds>-<id>``."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from webapp.reviews.queries import Place

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write(place: Place) -> str:
    """Return a place as text."""
    return f"{(place.at - EPOCH) // timedelta(microseconds=1)}-{place.id.hex}"


def read(text: str | None) -> Place | None:
    """Return the place in a text; None when it holds none."""
    moment, _, id_ = (text or "").partition("-")
    try:
        return Place(EPOCH + timedelta(microseconds=int(moment)), UUID(hex=id_))
    except (ValueError, OverflowError):
        return None
