"""What in a PDF acts, hides or reaches out: none of it belongs in a document of record.

Runs in the capped child.  Looks at every object of the file, not only at those that pages reach.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf

OBJECTS_MAX = 300_000
DEPTH_MAX = 60
ACTIONS = {
    "/JavaScript": "javascript", "/Launch": "launch", "/SubmitForm": "action",
    "/ImportData": "action", "/ResetForm": "action", "/Hide": "action", "/Rendition": "media",
    "/RichMediaExecute": "media", "/Movie": "media", "/Sound": "media", "/GoToE": "action",
    "/GoToR": "action", "/SetOCGState": "optional_content", "/GoTo3DView": "media",
}  # fmt: skip
MEDIA = ("/RichMedia", "/Movie", "/Sound", "/Screen", "/3D")
PROGRAMS = (
    "exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta",
    "lnk", "jar", "sh", "apk", "elf", "so", "docm", "xlsm", "pptm", "iso", "img", "reg", "cpl",
)  # fmt: skip
MAGIC = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"PK\x03\x04")


class Unreadable(Exception):  # noqa: N818 - reads as the claim it makes
    """The file cannot be walked.  ``code``: ``encrypted``, ``malformed`` or ``too_costly``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def scan(data: bytes) -> list[str]:
    """Return the kinds of activity found, sorted: ``javascript``, ``launch``, ``action``,
    ``form``, ``optional_content``, ``media``, ``program``, ``external``.

    :raises Unreadable: the file cannot be walked whole.
    """  # noqa: D205 - the kinds are one list
    try:
        with pikepdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Unreadable("encrypted")
            found = set(_form(pdf.Root)) | set(_catalog(pdf.Root))
            for count, thing in enumerate(pdf.objects):
                if count > OBJECTS_MAX:
                    raise Unreadable("too_costly")
                for entry in _dictionaries(thing):
                    found.update(_signs(entry))
            return sorted(found)
    except pikepdf.PasswordError as error:
        raise Unreadable("encrypted") from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable("malformed") from error


def _dictionaries(thing: Any) -> Iterator[Any]:
    """Yield the dictionaries inside one indirect object, references not followed."""
    waiting = [(thing, 0)]
    while waiting:
        current, depth = waiting.pop()
        if depth > DEPTH_MAX:
            raise Unreadable("too_costly")
        if isinstance(current, pikepdf.Dictionary | pikepdf.Stream):
            yield current
            values = [current.get(key) for key in current.keys()]  # noqa: SIM118 - not a mapping
        elif isinstance(current, pikepdf.Array):
            values = list(current)
        else:
            continue
        waiting.extend(
            (value, depth + 1)
            for value in values
            if isinstance(value, pikepdf.Object) and not value.is_indirect
        )


def _signs(entry: Any) -> Iterator[str]:
    kind, purpose = _text(entry.get("/Type")), _text(entry.get("/S"))
    if "/JS" in entry or "/JavaScript" in entry:
        yield "javascript"
    if "/AA" in entry:
        yield "action"
    if kind != "/StructElem" and purpose in ACTIONS:
        yield ACTIONS[purpose]
    if kind in ("/OCG", "/OCMD"):
        yield "optional_content"
    if kind == "/Annot" and _text(entry.get("/Subtype")) in MEDIA:
        yield "media"
    yield from _attached(entry, kind)


def _attached(entry: Any, kind: str) -> Iterator[str]:
    if isinstance(entry, pikepdf.Stream):
        if "/F" in entry or "/Ref" in entry:
            yield "external"
        if kind == "/EmbeddedFile" and _beginning(entry).startswith(MAGIC):
            yield "program"
    elif kind in ("/Filespec", "/F") or "/EF" in entry:
        if "/EF" not in entry or "/FS" in entry:
            yield "external"
        names = (_text(entry.get(key)).lower() for key in ("/F", "/UF", "/DOS", "/Unix", "/Mac"))
        if any(name.rpartition(".")[2] in PROGRAMS for name in names):
            yield "program"


def _beginning(stream: Any) -> bytes:
    """Return the first bytes of an attachment, never unpacking more than those."""
    raw = bytes(stream.read_raw_bytes())
    if _text(stream.get("/Filter")) in ("/FlateDecode", "[/FlateDecode]"):
        try:
            return zlib.decompressobj().decompress(raw, 16)
        except zlib.error:
            return b""
    return raw[:16]


def _form(root: Any) -> Iterator[str]:
    form = root.get("/AcroForm")
    if form is None:
        return
    if "/XFA" in form or "/CO" in form:
        yield "form"
    if any(_text(field.get("/FT")) != "/Sig" for field in list(form.get("/Fields", []))[:1000]):
        yield "form"


def _catalog(root: Any) -> Iterator[str]:
    if "/OCProperties" in root:
        yield "optional_content"
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and _text(opening.get("/S")) != "/GoTo":
        yield ACTIONS.get(_text(opening.get("/S")), "action")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, pikepdf.Array):
        return "[" + " ".join(_text(each) for each in list(value)[:4]) + "]"
    return str(value)
