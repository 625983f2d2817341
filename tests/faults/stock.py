"""Counts what is stored, past the product's own code: rows by SQL, files by their bytes."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, text

from tests.faults.phone import Visit


def differences(url: str, folder: Path, visits: list[Visit]) -> list[str]:
    """Return in words what is stored otherwise than the phones were told; nothing, if all is."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [
            *_rows(connection, "inspection", {v.id for v in visits}),
            *_rows(connection, "change_batch", {b for v in visits for b in v.batches}),
            *_rows(connection, "signature", {s for v in visits for s in v.signatures}),
            *_rows(connection, "submission", {v.submission for v in visits}),
            *_changes(connection, visits),
            *_handed_in(connection, visits),
            *_photos(connection, folder / "blobs", visits),
            *_numbers(connection, visits),
        ]
    engine.dispose()
    return found


def _rows(connection: Connection, table: str, sent: set[str]) -> list[str]:
    ids = [str(UUID(str(one))) for one in connection.scalars(text(f"SELECT id FROM {table}"))]
    if Counter(ids) == Counter(sent):
        return []
    return [f"{table}: {len(ids)} stored, {len(sent)} sent, {len(set(ids) ^ sent)} differ"]


def _changes(connection: Connection, visits: list[Visit]) -> list[str]:
    """Compare each change as it is kept with the one that was sent."""
    sent = {
        change["id"]: (change["question"], change["value"])
        for visit in visits for changes in visit.batches.values() for change in changes
    }  # fmt: skip
    rows = connection.scalars(text("SELECT changes FROM change_batch")).all()
    stored = [change for row in rows for change in _json(row)]
    kept = {change["id"]: (change["q"], change["v"]) for change in stored}
    told = [] if len(stored) == len(kept) else [f"{len(stored) - len(kept)} changes twice"]
    return told if kept == sent else [*told, f"changes: {len(kept)} kept of {len(sent)}"]


def _handed_in(connection: Connection, visits: list[Visit]) -> list[str]:
    """Compare each submission with the receipt and with all answers of its visit."""
    rows = connection.execute(text("SELECT id, digest, answers FROM submission")).all()
    stored = {str(UUID(str(one))): (digest, _json(answers)) for one, digest, answers in rows}
    sent = {
        visit.submission: (visit.digest, {
            change["question"]: change["value"]
            for changes in visit.batches.values() for change in changes
        })
        for visit in visits
    }  # fmt: skip
    return [f"submission {one}" for one in sent if stored.get(one) != sent[one]]


def _photos(connection: Connection, blobs: Path, visits: list[Visit]) -> list[str]:
    """Compare the rows with the photos taken, and each file with its name."""
    rows = connection.execute(text("SELECT sha256, derivative_sha256 FROM evidence")).all()
    taken = {digest: data for visit in visits for digest, data in visit.photos.items()}
    told = [] if Counter(r[0] for r in rows) == Counter(list(taken)) else [f"{len(rows)} photos"]
    for original, derivative in rows:
        if _file(blobs, original).read_bytes() != taken[original]:
            told.append(f"photo {original}")
        data = _file(blobs, derivative).read_bytes()
        if hashlib.sha256(data).hexdigest() != derivative:
            told.append(f"derivative {derivative}")
    return told


def _numbers(connection: Connection, visits: list[Visit]) -> list[str]:
    """See that inspections are numbered from 1 in each series, without a gap, as was told."""
    stored = list(connection.scalars(text("SELECT number FROM inspection")))
    told = [] if Counter(stored) == Counter(v.number for v in visits) else ["numbers differ"]
    series: dict[str, list[int]] = {}
    for number in stored:
        name, _, serial = number.rpartition("-")
        series.setdefault(name, []).append(int(serial))
    gaps = [name for name, found in series.items() if max(found) != len(found)]
    return told + [f"a gap in {name}" for name in gaps]


def _file(blobs: Path, digest: str) -> Path:
    return blobs / digest[:2] / digest[2:]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
