"""Look at the signatures of a file that may be hostile: facts only, no verdict.

Runs in the capped child of :mod:`sandbox`; the only reader of PDF signatures.  pyHanko does the
cryptography and the comparison of revisions; the byte ranges are checked here once more, by hand:
its coverage test adds up lengths without looking where the gap is.
"""

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from io import BytesIO
from typing import Any

from asn1crypto import parser
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from webapp.documents import activity, trust
from webapp.documents.trust import Stamps

SIGNATURES_MAX = 32
TEXT_MAX = 200
CHANGES_MAX = 500
TRACE = re.compile(rb"/ByteRange\b|/ETSI\.CAdES\.detached|/adbe\.pkcs7|/DocMDP\b")
PAGES = {"pages", "content"}
BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0\s+\d{1,10}\s+(\d{1,10})\s+(\d{1,10})\s*\]")
WORDS = {
    "/Page": "pages", "/Pages": "pages", "/Annot": "annotations", "/Widget": "form",
    "/Form": "pictures", "/Image": "pictures", "/FreeText": "annotations", "/Stamp": "annotations",
    "/Font": "fonts", "/FontDescriptor": "fonts",
    "/EmbeddedFile": "attachments", "/Filespec": "attachments",
    "/Sig": "signatures", "/DocTimeStamp": "signatures", "/StructElem": "structure",
}  # fmt: skip


@dataclass
class _Seen:
    """One signature: the facts about it, and what is needed to weigh it against the others."""

    fact: dict[str, Any]
    embedded: Any = None
    stamps: Stamps = dataclass_field(default_factory=Stamps)
    status: Any = None


def examine(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the facts about a PDF's signatures and its activity.

    ``question`` has ``roots``, ``tsa_roots`` (of time-stamp authorities) and ``crls``, base64 of
    DER, and ``signers``, the fingerprints of our signing certificates.  Whatever a hostile file
    provokes becomes an ``error`` code here: ``encrypted``, ``unreadable``, ``too_costly``.
    """
    facts: dict[str, Any] = {"traces": len(TRACE.findall(data)), "malformed": False}
    try:
        facts["activity"] = activity.scan(data)
    except activity.Unreadable as error:
        facts |= {"activity": [], "malformed": error.code == "malformed"}
        if error.code != "malformed":
            return facts | {"error": error.code}
    try:
        return facts | _signatures(question, data)
    except (MemoryError, RecursionError):
        return facts | {"error": "too_costly"}
    except Exception:  # a parser fed with hostile bytes may raise anything at all
        return facts | {"malformed": True} | _without_appendix(question, data)


def _without_appendix(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Describe the part up to where the last signature says that the file ends.

    Rubbish after that end makes a file unreadable, and is worth being called by its name.
    """
    ends = [int(found[1]) + int(found[2]) for found in BYTE_RANGE.finditer(data)]
    end = max((end for end in ends if 0 < end < len(data)), default=0)
    try:
        facts = _signatures(question, data[:end])
    except Exception:  # as above
        return {"error": "unreadable"}
    for signature in facts.get("signatures", []):
        signature["whole_file"] = False
    return facts


def _signatures(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    reader, strict = _reader(data)
    if reader.encrypted:
        return {"error": "encrypted"}
    seen: list[_Seen] = []
    empty: list[str] = []
    for name, value, field in enumerate_sig_fields(reader):
        if value is None:
            empty.append(_short(name))
        elif len(seen) < SIGNATURES_MAX:
            seen.append(_signature(question, data, reader, name, field))
    seen.sort(key=lambda each: int(each.fact.get("end", 0)))
    _prove_past(question, reader, seen)
    _set_levels(question, reader, seen)
    found = [each.fact for each in seen]
    announced = _announced(reader, seen)
    facts = _likeness(question, data, found, announced) | {
        "announced": announced,
        "signatures": found,
        "empty_fields": empty[:SIGNATURES_MAX],
        "revisions": reader.total_revisions,
        "pages": int(reader.root["/Pages"]["/Count"]),
    }
    return facts if strict else facts | {"malformed": True}


def _reader(data: bytes) -> tuple[Any, bool]:
    limits = DecodeLimits.for_untrusted_input()
    try:
        return PdfFileReader(BytesIO(data), strict=True, decode_limits=limits), True
    except (MemoryError, RecursionError):
        raise
    except Exception:  # what a strict reader refuses, a lenient one may still describe
        return PdfFileReader(BytesIO(data), strict=False, decode_limits=limits), False


def _signature(question: dict[str, Any], data: bytes, reader: Any, name: str, field: Any) -> _Seen:
    fact: dict[str, Any] = {"field": _short(name)}
    seen = _Seen(fact)
    try:
        seen.embedded = embedded = EmbeddedPdfSignature(reader, field, name)
        fact |= _identity(embedded) | _range(data, embedded)
        validity, seen.stamps, seen.status = trust.validate(question, embedded)
        fact |= validity
        fact["changed_after"] = _changes(reader, embedded)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # see examine()
        fact["error"] = _short(f"{type(error).__name__}: {error}")
    return seen


def _prove_past(question: dict[str, Any], reader: Any, seen: list[_Seen]) -> None:
    """Let timestamps speak for certificates that have ended since, the newest ones first."""
    for place in reversed(range(len(seen))):
        each = seen[place]
        moments = (each.stamps + _over(seen, place)).moments
        ended = str(each.fact.get("problem")).startswith(trust.ENDED)
        if ended and moments and trust.was_good(question, reader, each.embedded, min(moments)):
            each.fact |= {"trusted": True, "problem": None}
            if each.fact["timestamp"]:
                each.stamps.add(each.status, trusted=True)


def _over(seen: list[_Seen], place: int) -> Stamps:
    """Return the trusted timestamps over a signature that came after it in the file."""
    later = [one for one in seen[place + 1 :] if one.fact.get("timestamp")]
    return sum((one.stamps for one in later if one.fact.get("exact")), Stamps())


def _set_levels(question: dict[str, Any], reader: Any, seen: list[_Seen]) -> None:
    """Give each signature its level, which later timestamps may raise."""
    for place, each in enumerate(seen):
        over = _over(seen, place)
        moments = (each.stamps + over).moments
        each.fact["stamped_at"] = min(moments).isoformat() if moments else None
        if "error" in each.fact or each.fact["timestamp"]:
            continue
        sealed = bool(over.moments) and seen[-1].fact.get("whole_file", False)
        each.fact["level"] = trust.level(question, reader, each.embedded, each.stamps, over, sealed)


def _announced(reader: Any, seen: list[_Seen]) -> list[dict[str, Any]]:
    """Return the signature fields that were there when the file was first signed, and where.

    Whatever was added later was not meant to be signed by whoever signed first.
    """
    if not seen or "error" in seen[0].fact:
        return []
    then = reader.get_historical_resolver(seen[0].embedded.signed_revision)
    pages = _pages_of_widgets(then)
    return [
        {
            "field": _short(name),
            "page": pages.get(field.reference, 0),
            "rect": [float(side) for side in field.get_object().get("/Rect", (0, 0, 0, 0))],
        }
        for name, _, field in enumerate_sig_fields(then)
    ][:SIGNATURES_MAX]


def _pages_of_widgets(handler: Any) -> dict[Any, int]:
    pages = {}
    for number in range(int(handler.root["/Pages"]["/Count"])):
        node, place, _ = handler.find_page_container(number)
        annotations = node.get_object()["/Kids"][place].get("/Annots", ())
        for index in range(len(annotations)):
            widget = annotations.raw_get(index)
            if isinstance(widget, generic.IndirectObject):
                pages[widget.reference] = number
    return pages


def _likeness(
    question: dict[str, Any],
    data: bytes,
    found: list[dict[str, Any]],
    announced: list[dict[str, Any]],
) -> dict[str, Any]:
    """Compare the file page by page with what its signers saw.

    The oldest part that bears our intact signature must look like the file but for the places
    where others were still to sign; the newest such part in every point.  Where a part is the
    whole file there is nothing to compare.
    """
    ours = set(question.get("signers", ()))
    mine = [
        each
        for each in found
        if each.get("intact") and each.get("exact") and each["fingerprint"] in ours
    ]
    if not mine or mine[0]["end"] >= len(data):
        return {}
    from webapp.documents import likeness  # loads a renderer, which most files do not need

    open_then = [
        (each["page"], each["rect"]) for each in announced if each["field"] != mine[0]["field"]
    ]
    try:
        pages = likeness.differing(data[: mine[0]["end"]], data, but=open_then)
        if mine[0]["end"] < mine[-1]["end"] < len(data):
            pages |= likeness.differing(data[: mine[-1]["end"]], data)
    except (MemoryError, RecursionError):
        raise
    except likeness.TooLong:
        return {"error": "too_costly"}
    except Exception:  # the renderer cannot open what pyHanko could
        return {"malformed": True}
    return {"differing": sorted(pages)}


def _identity(embedded: Any) -> dict[str, Any]:
    certificate = embedded.signer_cert
    key = certificate.public_key
    claimed = embedded.self_reported_timestamp
    return {
        "signer": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "fingerprint": certificate.sha256.hex(),
        "time_claimed": claimed.isoformat() if claimed else None,
        "digest": embedded.md_algorithm,
        "key": key.algorithm,
        "key_bits": key.bit_size,
        "timestamp": trust.is_timestamp(embedded),
        "subfilter": str(embedded.sig_object.get("/SubFilter", "")),
        "certifies": embedded.docmdp_level.value if embedded.docmdp_level else None,
    }


def _range(data: bytes, embedded: Any) -> dict[str, Any]:
    """Check that the signed ranges leave out exactly the signature's own hexadecimal text."""
    numbers = [int(number) for number in embedded.byte_range]
    if len(numbers) != 4:
        return {"exact": False, "whole_file": False, "end": 0}
    start, first, second, rest = numbers
    inside = 0 == start < first < second <= second + rest <= len(data)
    gap = data[first:second]
    contents: bytes = embedded.pkcs7_content
    exact = inside and gap[:1] == b"<" and gap[-1:] == b">" and _hex(gap[1:-1]) == contents
    der = parser.peek(contents)
    exact = exact and not contents[der:].strip(b"\0")
    return {"exact": exact, "whole_file": exact and second + rest == len(data),
            "end": second + rest}  # fmt: skip


def _hex(text: bytes) -> bytes:
    return bytes.fromhex(text.decode("ascii")) if re.fullmatch(rb"[0-9A-Fa-f]+", text) else b""


def _changes(reader: Any, embedded: Any) -> list[str]:
    """Name the kinds of objects that came after the signature, ``more_pages`` first."""
    signed = embedded.signed_revision
    words: set[str] = set()
    for revision in range(signed + 1, reader.total_revisions):
        for reference in list(reader.xrefs.explicit_refs_in_revision(revision))[:CHANGES_MAX]:
            words.update(_kind(reader.get_object(reference)))
    before = int(reader.get_historical_root(signed)["/Pages"]["/Count"])
    after = int(reader.root["/Pages"]["/Count"])
    if after == before:
        return sorted(words)
    return ["more_pages" if after > before else "fewer_pages", *sorted(words - PAGES)]


def _kind(thing: Any) -> list[str]:
    """Return what people call this object, if they have a word for it."""
    if not isinstance(thing, generic.DictionaryObject):
        return []
    types = [str(thing.get(key, "")) for key in ("/Subtype", "/Type")]
    known = [WORDS[each] for each in types if each in WORDS]
    untyped = isinstance(thing, generic.StreamObject) and not any(types)
    return known[:1] or (["content"] if untyped else [])


def _name(name: Any) -> str:
    native = name.native
    for part in ("common_name", "organization_name"):
        value = native.get(part)
        if value:
            return _short(value if isinstance(value, str) else value[0])
    return _short(name.human_friendly)


def _short(text: object) -> str:
    return str(text)[:TEXT_MAX]
