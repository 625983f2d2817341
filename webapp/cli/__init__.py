"""The operators' door: ``mingcha VERB``.  Each verb is one module; it is loaded when it is used."""

import os
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any, TypeVar

import click
from flask import Flask

VERBS = {
    "demo": "load fictional demo data and serve it",
    "serve": "serve the product and do its background work",
    "worker": "do background work only (more hosts)",
    "test": "run the whole test-suite",
    "doctor": "check this installation and say what is missing",
    "migrate": "bring the database to the present schema",
    "user": "add people, set passwords",
    "token": "print a bearer token for programs",
    "documents": "list and fetch documents",
    "verify": "tell whether a PDF is genuine and unaltered",
    "fixity": "find archived files whose bytes changed",
    "keys": "show or replace the signing keys",
    "bench": "measure this installation",
}
F = TypeVar("F", bound=Callable[..., Any])


class Verbs(click.Group):
    """Loads a verb's module only when it is called, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the documentation."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb."""
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"webapp.cli.{cmd_name}").command
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without loading them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """明察 Mingcha: inspection checklists, stored answers, signed findings."""
    if context.invoked_subcommand != "test":  # tests let another account look at what they write
        os.umask(0o077)  # what is written is for the operator's account alone


def with_app(function: F) -> F:
    """Run a verb inside the application, with the database at its present schema."""

    @wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with ready_app().app_context():
            return function(*args, **kwargs)

    return inside  # type: ignore[return-value]


def ready_app() -> Flask:
    """Build the application, migrate its database and publish the catalogue."""
    from webapp.checklists.loader import load_catalogue
    from webapp.checklists.service import publish
    from webapp.core.clock import now
    from webapp.core.db import db
    from webapp.core.migration import upgrade
    from webapp.wsgi import create_app

    app = create_app()
    upgrade(db.engine)
    with db.writing() as session:
        publish(session, load_catalogue(), at=now())
    return app
