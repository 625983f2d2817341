"""What tests of a visit share: an open inspection, the messages of a phone."""

import io
import json
from uuid import uuid4

import pytest
from PIL import Image

from tests import factories
from webapp.core.db import db


@pytest.fixture
def inspection_id(cast):
    """Open an inspection by lin and chen."""
    with db.writing() as session:
        return factories.open_inspection(session).id


@pytest.fixture
def sync(as_):
    """Send items as somebody's phone; returns the parsed answer."""

    def send(who, *items, cursor=0, status=200):
        client = as_(who) if isinstance(who, str) else who
        answer = client.post(
            "/api/v1/sync",
            data=json.dumps({"device": "phone", "cursor": cursor, "items": items}),
            content_type="application/json",
            headers={"X-CSRFToken": token_of(client)},
        )
        assert answer.status_code == status, answer.text
        return answer.get_json()

    return send


def token_of(client) -> str:
    """Return a client's CSRF token, as the page's meta tag has it."""
    text = client.get("/no-such-page").text
    return text.split('name="csrf-token" content="')[1].split('"')[0]


def changes(inspection_id, *pairs, item_id=None, base=None):
    """Return a sync item of changes, each (question, value)."""
    return {
        "id": str(item_id or uuid4()),
        "kind": "changes",
        "body": {
            "inspection": str(inspection_id),
            "changes": [
                {"id": str(uuid4()), "question": q, "value": v, "base": base} for q, v in pairs
            ],
        },
    }


def photo(color="teal", size=(640, 480), kind="JPEG") -> bytes:
    """Return a picture."""
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, kind)
    return file.getvalue()
