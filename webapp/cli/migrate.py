"""``mingcha migrate``."""

import click

from webapp.cli import ready_app


@click.command()
def command() -> None:
    """Bring the database to the present schema and publish changed checklists."""
    ready_app()
    click.echo("The database is up to date. 数据库已是最新。")
