"""The house's fixtures: one application, two databases, the cast.

Every test that touches the database runs on SQLite and on a real PostgreSQL.
"""

import shutil
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import Cast, make_cast
from webapp import flow
from webapp.core import migration
from webapp.core.config import Settings
from webapp.core.db import Base, db
from webapp.wsgi import create_app

pytest_plugins = ["tests.servers"]
BACKENDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", metavar="DIR", help="Keep a picture of each page there.")


@pytest.fixture(scope="session", params=BACKENDS)
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Build the application on one database after the other, with the published checklists."""
    data_dir = tmp_path_factory.mktemp("data")
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("pg_server")
    settings = Settings(data_dir=data_dir, database_url=url, base_url="http://localhost")
    app = create_app(settings)
    app.config.update(TESTING=True)
    migration.upgrade(db.engine)
    yield app
    db.session.remove()
    db.engine.dispose()
    shutil.rmtree(data_dir)


@pytest.fixture
def cast(app: Flask) -> Iterator[Cast]:
    """Fill an empty database with two fictional bureaus, the cast and the checklists."""
    _empty()
    with app.app_context():
        cast = make_cast()
    yield cast
    db.session.remove()


@pytest.fixture
def session(cast: Cast) -> Iterator[Session]:
    """Give a session of the test's own, to look at rows."""
    with db.reading() as session:
        yield session


@pytest.fixture
def as_(app: Flask, cast: Cast) -> Callable[[str], FlaskClient]:
    """Give a client signed in as a member of the cast; ``as_("")`` is nobody."""

    def client(username: str) -> FlaskClient:
        client = app.test_client()
        if username:
            client.get(cast.link(username))
        return client

    return client


@pytest.fixture
def drain(app: Flask) -> Callable[[], int]:
    """Do all background work that is owed, now."""

    def drained() -> int:
        with app.app_context():
            return flow.drain()

    return drained


def _empty() -> None:
    with db.writing() as session:
        names = [table.name for table in reversed(Base.metadata.sorted_tables)]
        if db.engine.dialect.name == "postgresql":
            quoted = ", ".join(f'"{name}"' for name in names)
            session.execute(text(f"TRUNCATE {quoted} RESTART IDENTITY"))
        else:
            for name in names:
                session.execute(text(f'DELETE FROM "{name}"'))
