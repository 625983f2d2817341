"""``mingcha token``."""

import json
from collections.abc import Sequence

import click

from webapp.accounts import queries, service
from webapp.accounts.models import Token
from webapp.accounts.rules import Permission
from webapp.cli import with_app
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Refused


@click.command()
@click.argument("username")
@click.option("--label", default="cli", show_default=True, help="What the token is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="Hold the token to this permission; may be given several times.",
)
@click.option("--list", "lists", is_flag=True, help="List this person's tokens instead.")
@click.option("--json", "as_json", is_flag=True, help="With --list: for a program.")
@click.option("--revoke", is_flag=True, help="Revoke all tokens of this person instead.")
@click.option("--id", "token_id", type=int, help="With --revoke: only this one.")
@with_app
def command(
    username: str, label: str, scopes: tuple[str, ...], lists: bool, as_json: bool, revoke: bool,
    token_id: int | None,
) -> None:  # fmt: skip
    """Print a bearer token and nothing else; it cannot be shown again.

    A token may do what its owner may do.  With --scope it may do less, never more.
    """
    try:
        with db.writing() as session:
            user = queries.user_named(session, username)
            tokens = [one for one in queries.tokens_of(session, user)
                      if token_id in (None, one.id)]  # fmt: skip
            if lists:
                click.echo(as_text(tokens) if not as_json else as_data(tokens))
            elif revoke:
                count = service.revoke_tokens(session, tokens, by_id=None, at=now())
                click.echo(f"{count} revoked")
            else:
                held = map(Permission, scopes)
                click.echo(service.give_token(session, user, label=label, scopes=held, at=now()))
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal


def as_text(tokens: Sequence[Token]) -> str:
    """Return a table of tokens: id, since when, living or revoked, label, scopes."""
    return "\n".join(
        f"{one.id}\t{one.created_at:%Y-%m-%d}\t{'revoked' if one.revoked_at else 'living'}\t"
        f"{one.label}\t{','.join(one.scopes or ['all'])}"
        for one in tokens
    )


def as_data(tokens: Sequence[Token]) -> str:
    """Return tokens as JSON; no secret is known any more."""
    told = [
        {
            "id": one.id,
            "label": one.label,
            "scopes": one.scopes,
            "created_at": one.created_at.isoformat(),
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        }
        for one in tokens
    ]
    return json.dumps(told, ensure_ascii=False, indent=2)
