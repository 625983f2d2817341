"""``mingcha worker``."""

import logging

import click
from sqlalchemy import select

from webapp.cli import ready_app
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.documents.models import Document


@click.command()
@click.option("--processes", default=2, show_default=True, help="How many work side by side.")
def command(processes: int) -> None:
    """Do background work: documents, signatures, sealing."""
    logging.basicConfig(level=logging.WARNING)
    run(processes)


def run(processes: int) -> None:
    """Work until told to stop."""
    app = ready_app()
    refuse_without_keys(app.extensions["settings"])
    consumer = app.extensions["queue"].create_consumer(
        workers=processes, worker_type="process", initial_delay=0.1, max_delay=1.0, backoff=1.3
    )
    with app.app_context():
        consumer.run()


def refuse_without_keys(settings: Settings) -> None:
    """Stop a host that would make keys of its own beside those that have signed already.

    :raises ClickException: documents are signed, and this host has not got the keys.
    """
    if settings.keys_dir.exists() or settings.signing_p12:
        return
    with db.reading() as session:
        signed = session.scalar(select(Document.id).where(Document.signed_at.is_not(None)).limit(1))
    if signed:
        raise click.ClickException(
            f"{settings.keys_dir} is not there, and documents are signed already: "
            "copy the folder keys/ from the first host, or set MINGCHA_SIGNING_P12"
        )
