"""``mingcha documents list | get ID``: what was issued, and the files."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from sqlalchemy import select

from webapp.cli import with_app
from webapp.core.errors import Refused


@click.group()
def command() -> None:
    """List and fetch documents."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
@with_app
def list_documents(as_json: bool) -> None:
    """List all documents, the newest first."""
    from webapp.core.db import db
    from webapp.documents.models import Document

    newest_first = (Document.created_at.desc(), Document.number)
    with db.reading() as session:
        rows = [_told(one) for one in session.scalars(select(Document).order_by(*newest_first))]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['state']:<8}  {row['number']}  {row['title']}")
    if not rows:
        click.echo("No documents yet: they are made when a supervisor approves an inspection.")


@command.command("get")
@click.argument("document_id", metavar="ID", type=click.UUID)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="Where to write the signed PDF.")  # fmt: skip
@with_app
def get(document_id: UUID, out: Path) -> None:
    """Write one signed document to a file, after comparing it with its digest."""
    from webapp.core.db import db
    from webapp.documents.handing import signed_bytes
    from webapp.documents.models import Document

    with db.reading() as session:
        document = session.get(Document, document_id)
    if document is None:
        raise click.ClickException(f"no document {document_id}")
    try:
        out.write_bytes(signed_bytes(document))
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{document.number}  {document.newest.sha256}  {out}")


def _told(document: Any) -> dict[str, Any]:
    at = document.signed_at
    return {
        "id": str(document.id),
        "kind": document.kind,
        "number": document.number,
        "title": document.title,
        "state": document.state.value,
        "sha256": document.newest.sha256,
        "signed_at": at.astimezone(UTC).isoformat() if at else None,
    }
