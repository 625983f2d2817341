"""What tests of the API share: programs with tokens, and the description that judges answers."""

import pytest
from sqlalchemy import select

from tests.api.description import Description
from webapp.accounts import service as accounts
from webapp.accounts.models import User
from webapp.core.clock import now
from webapp.core.db import db

API = "/api/v1"


@pytest.fixture(scope="session")
def description(app):
    """Return the document as the server gives it to anybody."""
    return Description(app.test_client().get(f"{API}/openapi.json").get_json())


@pytest.fixture
def token(cast):
    """Give a function that makes somebody's bearer token."""

    def made(who):
        with db.writing() as session:
            user = session.scalars(select(User).filter_by(username=who)).one()
            return accounts.give_token(session, user, label="test", at=now())

    return made


class Program:
    """Somebody's program: sends with a token and compares each answer with the description."""

    def __init__(self, client, token, description):
        self.client = client
        self.description = description
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method, path, status=200, headers=None, **body):
        """Send a request and return the answer, which must have this status."""
        headers = self.headers | (headers or {})
        answer = self.client.open(API + path, method=method, headers=headers, **body)
        self.description.check(method, API + path, answer)
        assert answer.status_code == status, answer.text
        return answer

    def get(self, path, status=200):
        """Return the JSON at a path."""
        return self.send("GET", path, status).get_json()

    def post(self, path, body, status=200, **headers):
        """Post JSON and return the JSON that comes back."""
        return self.send("POST", path, status, headers, json=body).get_json()

    def sync(self, *items, cursor=0):
        """Send items and return the answer."""
        return self.post("/sync", {"device": "program", "cursor": cursor, "items": items})


@pytest.fixture
def program(app, token, description):
    """Give a function that starts somebody's program."""
    return lambda who: Program(app.test_client(), token(who), description)
