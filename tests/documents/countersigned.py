"""A document that two inspectors and the head of the unit signed before the seal, and its keys."""

import hashlib
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.documents.tampering import AT, AT_OF_KEYS, BUREAU, unsigned
from webapp.documents import keys, personal, signing, stamp
from webapp.documents.fonts import unpack
from webapp.documents.keys import Keys
from webapp.documents.seen import Expected
from webapp.documents.signing import FIELD, Place

PEOPLE = {"Signer1": (1, "林检"), "Signer2": (2, "陈查"), "Signer3": (3, "钱所")}
STROKES = {"path": "M10 40C20 10 60 10 80 40Q100 90 140 30L200 60", "width": 300, "height": 120}
PLACES = (
    Place("Signer1", "督查员", (0, 60.0, 400.0, 200.0, 440.0)),
    Place("Signer2", "督查员", (0, 60.0, 350.0, 200.0, 390.0)),
    Place("Signer3", "被督查单位负责人", (1, 60.0, 300.0, 200.0, 340.0)),
    Place(FIELD, "单位电子签章", (1, 300.0, 100.0, 450.0, 160.0)),
)


@cache
def folder() -> Path:
    """Where the bureau's keys lie; those of its people are made here too."""
    path = Path(mkdtemp()) / "keys"
    keys.open_keys(path, organisation=BUREAU, at=AT_OF_KEYS)
    for number, name in PEOPLE.values():
        personal.keys_of(path, number, name=name, organisation=BUREAU, at=AT_OF_KEYS)
    return path


@cache
def office() -> Keys:
    """The bureau's keys, all of its people known."""
    return keys.load(folder())


def own(field: str) -> Keys:
    """The keys of whoever signs in a field."""
    if field == FIELD:
        return office()
    number, name = PEOPLE[field]
    return personal.keys_of(folder(), number, name=name, organisation=BUREAU, at=AT_OF_KEYS)


@cache
def ink(name: str) -> bytes:
    fonts = unpack(Path(mkdtemp()), fangsong=None, biaosong=None)
    font = next(path for family, _, path in fonts.files if family == "Mingcha Hei")
    return stamp.ink(STROKES, [f"{name} 2026年11月23日17时30分"], 140, 40, font)


@cache
def prepared(number: int = 1) -> bytes:
    return signing.prepare(unsigned(number), PLACES)


def put(pdf: bytes, field: str, by: Keys | None = None, **options: object) -> bytes:
    """Sign in one field, by its own person unless told otherwise."""
    shown = ink(PEOPLE[field][1]) if field in PEOPLE else None
    told = {"at": AT, "reason": "督查文书", "location": "示例县", "appearance": shown} | options
    return signing.sign_place(pdf, by or own(field), field, **told).pdf


@cache
def steps(number: int = 1) -> tuple[bytes, ...]:
    """The file after each signature, in order."""
    pdf, files = prepared(number), []
    for place in PLACES:
        pdf = put(pdf, place.field)
        files.append(pdf)
    return tuple(files)


def complete(number: int = 1) -> bytes:
    return steps(number)[-1]


def known(number: int = 1) -> Expected:
    """What the ledger knows of it."""
    pdf = complete(number)
    before = tuple((field, own(field).fingerprint) for field in PEOPLE)
    return Expected(
        hashlib.sha256(pdf).hexdigest(), "MC-2026-GC-0003-02", "谈话记录", AT,
        office().fingerprint, len(pdf), before=before,
    )  # fmt: skip
