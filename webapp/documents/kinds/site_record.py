"""现场检查记录: the working paper of one visit, item by item, signed by both sides.

It is no official document type (公文文种): no red head, a system number, and each page names those
who signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.core.errors import N_
from webapp.documents.kinds.base import Kind
from webapp.documents.kinds.drawing import numeral
from webapp.documents.snapshot import Item, Photo, Record, Signature

VERDICTS = {"yes": ("✓", "符合"), "no": ("×", "不符合"), "na": ("—", "不适用"), "": ("", "未检查")}


@dataclass(frozen=True)
class Picture:
    """A photo in the annex: its printed number and the item it belongs to."""

    number: str
    item_id: str
    photo: Photo


def facts(snapshot: Record) -> Mapping[str, object]:
    """Count the verdicts, number the pictures, and name the signers for the foot of each page."""
    items = [item for section in snapshot.sections for item in section.items]
    pictures = _pictures(items)
    return {
        "tally": tally(items),
        "pictures": pictures,
        "numbers": {
            item.id: [p.number for p in pictures if p.item_id == item.id] for item in items
        },
        "signed": signers(snapshot.signatures),
        "verdicts": VERDICTS,
        "numeral": numeral,
    }


def tally(items: list[Item]) -> dict[str, int]:
    """Count the items by verdict, and all of them."""
    return {"all": len(items)} | {
        name: sum(item.verdict == code for item in items)
        for code, name in (("yes", "yes"), ("no", "no"), ("na", "na"), ("", "open"))
    }


def signers(signatures: tuple[Signature, ...]) -> list[tuple[str, str]]:
    """Return (role, names) in the order of signing; who refused is marked so."""
    roles: dict[str, list[str]] = {}
    for signature in signatures:
        name = signature.name + ("（拒签）" if signature.refused else "")
        roles.setdefault(signature.role_text, []).append(name)
    return [(role, "、".join(names)) for role, names in roles.items()]


def _pictures(items: list[Item]) -> list[Picture]:
    pairs = [(item.id, photo) for item in items for photo in item.photos]
    return [
        Picture(photo.number or f"照片{number}", item_id, photo)
        for number, (item_id, photo) in enumerate(pairs, start=1)
    ]


KIND = Kind(N_("现场检查记录"), Record, ("document", "working", "site_record"), facts)
