"""``mingcha fixity``: names kept files whose bytes changed, and events that were tampered with."""

import json
import sys
from collections import defaultdict
from typing import Any

import click
from flask import current_app

from webapp.cli import with_app


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@with_app
def command(as_json: bool) -> None:
    """Find archived files whose bytes changed or are gone; exit status 1 when there are any.

    Also compares every event with the signed hash tree, and names those that do not agree.
    """
    found, log = _examined(), _compared()
    damaged = [told for told in found if told["health"] != "intact"]
    if as_json:
        report = {
            "checked": len(found), "intact": len(found) - len(damaged), "damaged": damaged,
            "log": log,
        }  # fmt: skip
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for told in damaged:
            click.echo(f"{told['health']:<8}  {told['name']}  {told['what']}  {told['sha256']}")
        click.echo(f"{len(found)} files checked, {len(damaged)} damaged")
        for fault in log["faults"]:
            click.echo(f"{fault['fault']:<16}  {fault['where']}")
        click.echo(f"{log['size']} events in the tree, {len(log['faults'])} faults  {log['root']}")
    if damaged or log["faults"]:
        sys.exit(1)


def _compared() -> dict[str, Any]:
    """Add what happened since to the event tree, then compare all of it with the events."""
    from webapp.core import tree
    from webapp.core.clock import now
    from webapp.core.db import db
    from webapp.documents import heads

    heads.grow(now())
    with db.reading() as session:
        faults = [{"fault": what, "where": where} for what, where in heads.faults(session)]
        head = tree.newest(session)
    return {"size": head.size if head else 0, "root": head.root if head else "", "faults": faults}


def _examined() -> list[dict[str, Any]]:
    """Check the archive of every bureau, and write each check down."""
    from webapp.accounts.models import Bureau
    from webapp.archive import queries, service
    from webapp.core.clock import now
    from webapp.core.db import db

    storage = current_app.extensions["storage"]
    with db.reading() as session:
        files = {bureau_id: queries.kept_files(session, bureau_id)
                 for (bureau_id,) in session.query(Bureau.id).order_by(Bureau.id)}  # fmt: skip
    results = defaultdict(list)
    with click.progressbar(
        length=sum(map(len, files.values())), file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for bureau_id, kept in files.items():
            for one in service.fixity(kept, storage):
                results[bureau_id].append(one)
                bar.update(1)
    for bureau_id, checked in results.items():
        with db.writing() as session:
            service.note_fixity(
                session, checked, bureau_id=bureau_id, total=len(checked), by_id=None, at=now()
            )
    return [service.told(one) for checked in results.values() for one in checked]
