"""All that one document prints, frozen when it is issued.

A snapshot is plain JSON: the service builds it once from the database, the renderer prints it and
attaches it to the PDF, so that a program reads the same words a person does.  Every text is ready
to print; only days, codes and the ``value`` of what was said are meant for machines.

Every document has the head that ``Snapshot`` describes.  What it shows below is a ``Record`` (one
inspection, made by the system) or ``Drafted`` (what a person answered to a kind's questions).
"""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# SVG path data from the signature pad: commands, figures, separators; nothing that could be markup.
PathData = Annotated[
    str, Field(pattern=r"^[MmLlHhVvCcSsQqTtZz0-9eE.,+\- \n]*$", max_length=400_000)
]
ViewBox = Annotated[str, Field(pattern=r"^-?[0-9.]+ -?[0-9.]+ [0-9.]+ [0-9.]+$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bureau(_Frozen):
    """Who issues the document.

    ``mark`` is the red 发文机关标志, without "文件" unless the bureau writes it so; ``signatory``
    the name above the date (署名), the bureau's name where empty; ``office`` the 印发机关.
    ``seal_image`` is a blob: the real seal; a demo prints a drawn placeholder instead.
    """

    name: str
    mark: str
    seal_name: str = ""
    signatory: str = ""
    office: str = ""
    seal_image: Sha256 | None = None
    seal_diameter_mm: float = 42.0


class Unit(_Frozen):
    """The inspected unit and its head."""

    name: str
    head: str = ""


class ChecklistUsed(_Frozen):
    """The checklist version the inspection was bound to."""

    id: str
    code: str
    title: str
    version: str
    sha256: Sha256


class Person(_Frozen):
    """A name with its position."""

    name: str
    position: str = ""


class Visit(_Frozen):
    """The inspection as a whole: where, when, by whom, and what was said of it."""

    id: str
    place: str
    started_at: str
    ended_at: str
    received_by: str
    inspectors: tuple[Person, ...] = Field(min_length=1)
    recorder: str = ""
    method: str = ""
    overall: str = ""
    good: str = ""
    unit_opinion: str = ""


class Figure(_Frozen):
    """One answered question: its label and the answer with its unit."""

    label: str
    text: str


class Table(_Frozen):
    """An answer of many rows; ``rows`` hold one text for each of ``columns``."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Basis(_Frozen):
    """A legal basis; unverified ones are marked on paper."""

    text: str
    verified: bool


class Photo(_Frozen):
    """A picture: its blob, the start of its digest, what it shows; ``number`` names it on paper.

    ``sha256`` names the picture that is printed, ``original`` the sealed photo that it was made
    from; ``drift_ms`` and ``position`` tell how it was taken (see ``questions/photo.py``).
    """

    sha256: Sha256
    original: Sha256 | None = None
    short: str
    drift_ms: int | None = None
    position: str = ""
    taken_at: str = ""
    caption: str = ""
    number: str = ""


class Item(_Frozen):
    """One checklist item with the inspectors' verdict and all that was recorded for it."""

    id: str
    question: str
    verdict: Literal["yes", "no", "na", ""] = ""
    verdict_text: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    description: str = ""
    evidence: str = ""
    evidence_note: str = ""
    remark: str = ""
    basis: tuple[Basis, ...] = ()
    photos: tuple[Photo, ...] = ()


class Section(_Frozen):
    """A section of the checklist; ``figures`` and ``tables`` answer its own questions."""

    title: str
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[Item, ...] = ()


class Signature(_Frozen):
    """A signature on the record, or its recorded refusal with reason and witness.

    ``role`` is a code (``inspector``, ``unit``, ``recorder``, ``witness``); ``role_text`` says it.
    ``strokes`` is SVG path data in ``viewbox``; ``filled`` tells outlines from pen lines.
    """

    role: str
    role_text: str
    name: str
    position: str = ""
    strokes: PathData | None = None
    viewbox: ViewBox | None = None
    filled: bool = False
    method: str = ""
    refused: bool = False
    reason: str = ""
    witness: str = ""
    signed_at: str = ""
    digest_short: str = ""


class Finding(_Frozen):
    """One finding as the reviewer worded it: facts and 疑点, never a verdict on a person."""

    no: int
    item_id: str
    severity: Literal["minor", "major", "critical"]
    severity_text: str
    title: str = ""
    facts: str
    basis: tuple[Basis, ...] = ()
    rectification: str = ""
    deadline_text: str = ""
    due_on: str = ""


class Feedback(_Frozen):
    """What only the feedback statement says; empty parts get the house wording.

    ``requirements`` and ``discipline`` are paragraphs, ``report_by`` the day by which the unit
    reports, ``copies_to`` the 抄送.
    """

    intro: str = ""
    requirements: tuple[str, ...] = ()
    discipline: tuple[str, ...] = ()
    report_by: str = ""
    copies_to: tuple[str, ...] = ()
    printed_on: str = ""


class Snapshot(_Frozen, extra="ignore"):
    """The head that all documents have.  ``kind`` is a key of ``documents.kinds.KINDS``.

    Read as this class, any document's contents give their head; ``kinds.contents_of`` reads all.
    ``is_draft`` marks a preview: the place of the seal is drawn empty.  ``log_root`` is the signed
    root of the event tree (``core/tree.py``) when the contents were fixed: its size and the root.
    """

    kind: str
    number: str
    title: str
    issued_on: date
    issued_on_text: str
    lang: str = "zh-CN"
    verify_url: str
    verify_code: str
    watermark: str | None = None
    is_draft: bool = False
    bureau: Bureau
    unit: Unit | None = None
    log_root: str = ""

    def to_json(self) -> bytes:
        """Return the canonical bytes: sorted keys, UTF-8, one line feed at the end."""
        data = self.model_dump(mode="json")
        text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.encode() + b"\n"


class Record(Snapshot, extra="forbid"):
    """One inspection on paper: what was recorded, signed, found and decided."""

    unit: Unit
    checklist: ChecklistUsed
    inspection: Visit
    sections: tuple[Section, ...] = ()
    signatures: tuple[Signature, ...] = ()
    findings: tuple[Finding, ...] = ()
    feedback: Feedback = Feedback()
    opinion: str = ""
    reviewer: Person | None = None
    contents_digest: Sha256
    evidence_root: str = ""


class Said(_Frozen):
    """The answer to one of a kind's questions.

    ``text`` is how people read it; a table has ``rows`` instead, each a text by column id, under
    ``columns`` (id and label).  ``value`` is the answer as it is stored.
    """

    label: str
    text: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[dict[str, str], ...] = ()
    value: JsonValue = None


class Drafted(Snapshot, extra="forbid"):
    """What a person drafted: the answers by question id, in the order of the form.

    ``inspection`` is the number of the one it is about, ``inspectors`` its team, ``author`` who
    drafted the paper.
    """

    inspection: str = ""
    inspectors: tuple[Person, ...] = ()
    author: Person
    said: dict[str, Said] = {}
    photos: tuple[Photo, ...] = ()


@cache
def schema_of(shape: type[Snapshot]) -> bytes:
    """Return the JSON schema of a document's contents, as it is attached beside them."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **shape.model_json_schema(),
    }
    return json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


_NOT_PRINTED = frozenset(
    {"strokes", "viewbox", "lang", "kind", "sha256", "seal_image", "role", "value", "original"}
)


def texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of everything printed; an item's or finding's begin with ``GC-07``."""
    yield from _texts("", snapshot)


def _item_id(value: BaseModel) -> str:
    if isinstance(value, Item):
        return value.id
    return value.item_id if isinstance(value, Finding) else ""


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, tuple):
        for number, part in enumerate(value, start=1):
            yield from _texts(f"{name}.{number}" if name else str(number), part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(f"{name}.{key}" if name else key, part)
    elif isinstance(value, BaseModel):
        place = _item_id(value) or name
        for key in type(value).model_fields:
            if key not in _NOT_PRINTED:
                yield from _texts(f"{place}.{key}" if place else key, getattr(value, key))
