"""The documents this house prints: one module each, one line each in ``KINDS``."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.core.config import ROOT
from webapp.documents.kinds import (
    drawing,
    feedback,
    notice,
    site_record,
    talk,
)
from webapp.documents.kinds.base import Kind
from webapp.documents.snapshot import Snapshot

__all__ = ["FOR_THE_UNIT", "KINDS", "Kind", "compose", "contents_of"]

KINDS: dict[str, Kind] = {
    "notice": notice.KIND,
    "site_record": site_record.KIND,
    "talk": talk.KIND,
    "feedback": feedback.KIND,
}
FOR_THE_UNIT = tuple(name for name, kind in KINDS.items() if kind.for_unit)

# Its own environment, apart from the pages': no request, no session, and no text but a file of ours
# is ever a template.
_environment = Environment(
    loader=FileSystemLoader(ROOT / "templates" / "documents"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters["lines"] = lambda text: [part for part in text.split("\n") if part.strip()]


def contents_of(stored: Mapping[str, Any]) -> Snapshot:
    """Return a document's stored contents in the shape of its kind."""
    return KINDS[stored["kind"]].shape.model_validate(stored)


def compose(snapshot: Snapshot) -> str:
    """Return the HTML of a document."""
    kind = KINDS[snapshot.kind]
    return _environment.get_template(f"{snapshot.kind}.html").render(
        doc=snapshot,
        signers=kind.signers,
        qr=drawing.qr(snapshot.verify_url),
        seal=drawing.seal_letters(snapshot.bureau.seal_name or snapshot.bureau.name),
        **kind.facts(snapshot),
    )
