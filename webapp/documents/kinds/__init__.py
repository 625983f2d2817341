"""The documents this house prints: one module each, one line each in ``KINDS``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.core.config import ROOT
from webapp.core.errors import N_
from webapp.documents.kinds import drawing, feedback, site_record
from webapp.documents.snapshot import Snapshot


@dataclass(frozen=True)
class Kind:
    """A document: what people call it, its style sheets, and what its template needs besides.

    ``facts`` computes what a template may not: counts, numbering, wording.  ``seal`` is the id of
    the element over which the visible signature goes.
    """

    name: str
    styles: tuple[str, ...]
    facts: Callable[[Snapshot], Mapping[str, object]]
    seal: str = "seal"


KINDS = {
    "site_record": Kind(N_("现场检查记录"), ("document", "site_record"), site_record.facts),
    "feedback": Kind(N_("督查反馈意见书"), ("document", "feedback"), feedback.facts),
}

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


def compose(snapshot: Snapshot) -> str:
    """Return the HTML of a document."""
    kind = KINDS[snapshot.kind]
    return _environment.get_template(f"{snapshot.kind}.html").render(
        doc=snapshot,
        qr=drawing.qr(snapshot.verify_url),
        seal=drawing.seal_letters(snapshot.bureau.seal_name or snapshot.bureau.name),
        **kind.facts(snapshot),
    )
