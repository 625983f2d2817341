"""What tests of rescue files share: phones of the cast, and the doors where files come in."""

import html
import io
import json
import re

import pytest

from tests import factories
from tests.inspections.conftest import token_of
from tests.rescue.phone import Phone
from webapp.core.db import db


@pytest.fixture
def inspection_id(cast):
    """Open an inspection by lin and chen."""
    with db.writing() as session:
        return factories.open_inspection(session).id


@pytest.fixture
def phone(as_):
    """Return the phone of somebody, which has seen one of their pages."""

    def of(who):
        page = as_(who).get("/devices/mine").text
        return Phone(json.loads(html.unescape(re.search(r'data-rescue="([^"]+)"', page)[1])))

    return of


@pytest.fixture
def upload(as_):
    """Upload a file on the page; returns the page that follows."""

    def uploaded(who, data, name="lin.rescue", follow=True):
        client = as_(who)
        form = {"csrf_token": token_of(client)}
        if data is not None:
            form["file"] = (io.BytesIO(data), name)
        return client.post("/rescue", data=form, follow_redirects=follow)

    return uploaded


@pytest.fixture
def bring(as_):
    """Send a file by the API; returns the answer."""

    def sent(who, data):
        client = as_(who)
        return client.post(
            "/api/v1/rescue", data=data, content_type="application/octet-stream",
            headers={"X-CSRFToken": token_of(client)},
        )  # fmt: skip

    return sent
