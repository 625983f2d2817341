"""``mingcha worker``."""

import logging

import click

from webapp.cli import ready_app


@click.command()
@click.option("--processes", default=2, show_default=True, help="How many work side by side.")
def command(processes: int) -> None:
    """Do background work: documents, signatures, sealing."""
    logging.basicConfig(level=logging.WARNING)
    run(processes)


def run(processes: int) -> None:
    """Work until told to stop."""
    app = ready_app()
    consumer = app.extensions["queue"].create_consumer(
        workers=processes, worker_type="process", initial_delay=0.1, max_delay=1.0, backoff=1.3
    )
    with app.app_context():
        consumer.run()
