"""Look at the signatures of a file that may be hostile: facts only, no verdict.

Runs in the capped child of :mod:`sandbox`; the only reader of PDF signatures.  pyHanko does the
cryptography and the comparison of revisions; the byte ranges are checked here once more, by hand:
its coverage test adds up lengths without looking where the gap is.
"""

import asyncio
import base64
import re
from io import BytesIO
from typing import Any

from asn1crypto import parser, x509
from cryptography.x509 import load_der_x509_certificate, load_der_x509_crl
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from webapp.documents import activity
from webapp.documents.authority import issued

SIGNATURES_MAX = 32
TEXT_MAX = 200
CHANGES_MAX = 500
PADES = "/ETSI.CAdES.detached"
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


def examine(question: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the facts about a PDF's signatures and its activity.

    ``question`` has ``roots`` and ``crls``, base64 of DER.  Whatever a hostile file provokes
    becomes an ``error`` code here: ``encrypted``, ``unreadable``, ``too_costly``.
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
    found: list[dict[str, Any]] = []
    empty: list[str] = []
    for name, value, field in enumerate_sig_fields(reader):
        if value is None:
            empty.append(_short(name))
        elif len(found) < SIGNATURES_MAX:
            found.append(_signature(question, data, reader, name, field))
    found.sort(key=lambda each: each.get("end", 0))
    facts = {
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


def _signature(
    question: dict[str, Any], data: bytes, reader: Any, name: str, field: Any
) -> dict[str, Any]:
    fact: dict[str, Any] = {"field": _short(name)}
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        fact |= _identity(embedded) | _range(data, embedded)
        fact |= _validation(question, embedded)
        fact["changed_after"] = _changes(reader, embedded)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # see examine()
        fact["error"] = _short(f"{type(error).__name__}: {error}")
    return fact


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
        "timestamp": str(embedded.sig_object_type) == "/DocTimeStamp",
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


def _validation(question: dict[str, Any], embedded: Any) -> dict[str, Any]:
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(base64.b64decode(root)) for root in question["roots"]],
        allow_fetching=False,
    )
    if str(embedded.sig_object_type) == "/DocTimeStamp":
        status = asyncio.run(async_validate_pdf_timestamp(embedded, context))
    else:
        usage = KeyUsageConstraints(
            key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
        )
        status = asyncio.run(
            async_validate_pdf_signature(embedded, context, key_usage_settings=usage)
        )
    problem = status.trust_problem_indic.name if status.trust_problem_indic else None
    if _revoked(question, embedded.signer_cert):
        problem = "REVOKED"
    difference = embedded.diff_result
    is_diff = isinstance(difference, DiffResult)
    return {
        "intact": bool(status.intact),
        "valid": bool(status.valid),
        "trusted": bool(status.trusted) and problem is None,
        "problem": problem,
        "modification": difference.modification_level.name if is_diff else "OTHER",
        "permitted": bool(status.docmdp_ok) if hasattr(status, "docmdp_ok") else True,
        "level": _level(embedded, status),
    }


def _revoked(question: dict[str, Any], certificate: Any) -> bool:
    """Return whether a list signed by one of our roots names this certificate of that root's.

    pyHanko looks at lists only where the certificate says where to fetch them; ours are at hand.
    """
    mine = load_der_x509_certificate(certificate.dump())
    roots = [load_der_x509_certificate(base64.b64decode(root)) for root in question["roots"]]
    for text in question["crls"]:
        crl = load_der_x509_crl(base64.b64decode(text))
        for root in roots:
            if issued(root, mine) and crl.is_signature_valid(root.public_key()):  # type: ignore[arg-type]
                return crl.get_revoked_certificate_by_serial_number(mine.serial_number) is not None
    return False


def _level(embedded: Any, status: Any) -> str:
    """Return the level that holds today: a timestamp nobody trusts does not raise it."""
    if str(embedded.sig_object.get("/SubFilter", "")) != PADES:
        return "CMS"
    timestamp = getattr(status, "timestamp_validity", None)
    return "B-T" if timestamp and timestamp.valid and timestamp.trusted else "B-B"


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
