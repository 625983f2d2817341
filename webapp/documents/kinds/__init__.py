"""The documents this house prints: one module each, one line each in ``KINDS``."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.core.config import ROOT
from webapp.documents.kinds import (
    closing_approval,
    drawing,
    event_after,
    event_before,
    fact_confirm,
    feedback,
    inspection_notice,
    inspection_plan,
    inspection_report,
    issue_list,
    photo_list,
    pledge,
    recheck_record,
    rectify_notice,
    rectify_report,
    service_receipt,
    site_record,
    talk_record,
    team_pledge,
)
from webapp.documents.kinds.base import Kind, names_of
from webapp.documents.snapshot import Drafted, Snapshot

__all__ = ["FOR_THE_UNIT", "KINDS", "Kind", "compose", "contents_of", "signer_names"]

KINDS: dict[str, Kind] = {
    "inspection_plan": inspection_plan.KIND,
    "inspection_notice": inspection_notice.KIND,
    "team_pledge": team_pledge.KIND,
    "site_record": site_record.KIND,
    "talk_record": talk_record.KIND,
    "photo_list": photo_list.KIND,
    "fact_confirm": fact_confirm.KIND,
    "issue_list": issue_list.KIND,
    "feedback": feedback.KIND,
    "rectify_notice": rectify_notice.KIND,
    "service_receipt": service_receipt.KIND,
    "rectify_report": rectify_report.KIND,
    "recheck_record": recheck_record.KIND,
    "closing_approval": closing_approval.KIND,
    "inspection_report": inspection_report.KIND,
    "event_before": event_before.KIND,
    "pledge": pledge.KIND,
    "event_after": event_after.KIND,
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


def signer_names(snapshot: Snapshot) -> dict[str, str]:
    """Return the names printed beside the places to sign, by the id of the place."""
    kind = KINDS[snapshot.kind]
    told: Any = kind.facts(snapshot).get("names", {})
    known = names_of(kind.signers, snapshot) if isinstance(snapshot, Drafted) else {}
    return known | dict(told)


def compose(snapshot: Snapshot) -> str:
    """Return the HTML of a document."""
    kind = KINDS[snapshot.kind]
    return _environment.get_template(f"{snapshot.kind}.html").render(
        doc=snapshot,
        signers=kind.signers,
        qr=drawing.qr(snapshot.verify_url),
        seal=drawing.seal_letters(snapshot.bureau.seal_name or snapshot.bureau.name),
        known=signer_names(snapshot),
        **kind.facts(snapshot),
    )
