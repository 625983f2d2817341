"""``mingcha token``."""

import click

from webapp.accounts import queries, service
from webapp.cli import with_app
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Refused


@click.command()
@click.argument("username")
@click.option("--label", default="cli", help="What the token is for.")
@click.option("--revoke", is_flag=True, help="Revoke all tokens of this person instead.")
@with_app
def command(username: str, label: str, revoke: bool) -> None:
    """Print a bearer token and nothing else; it cannot be shown again."""
    try:
        with db.writing() as session:
            user = queries.user_named(session, username)
            if revoke:
                count = service.revoke_tokens(session, user, by_id=None, at=now())
                click.echo(f"{count} revoked")
            else:
                click.echo(service.give_token(session, user, label=label, at=now()))
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
