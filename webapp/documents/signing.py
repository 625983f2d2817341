"""Sign PDFs: the organisation's seal alone, or several people in order and the seal last.

*The seal alone* (:func:`sign`): one incremental update adds the field, its appearance, its place in
the structure tree and the signature.  It certifies the document with DocMDP P=1, "no changes":
the seal is the last act on a document, so a reader may treat anything added later as a breach.

*Several* (:func:`prepare`, then :func:`sign_place` for each): one revision adds all fields, empty.
The first signature certifies with DocMDP P=2, under which a reader allows these fields to be signed
and nothing else; each locks the fields up to its own, and the seal locks all and ends in P=1.

The bytes before a signature stay as they were; archive timestamps are allowed even under P=1
(ISO 32000-2 12.8.2.2).
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from webapp.core.errors import N_, Invalid
from webapp.documents import levels
from webapp.documents.keys import Keys
from webapp.documents.levels import Witness
from webapp.documents.widget import dress, show
from webapp.documents.writing import CustodianSigner, QuietSigner, QuietWriter, write

FIELD = "OrganisationSeal"
SEAL_NAME = N_("单位电子签章")
TSA_FAULTS = (  # down, answering nonsense, or not to be proved
    OSError, ValueError, TypeError, SigningError, *levels.EVIDENCE_FAULTS,
)  # fmt: skip
PDF_FAULTS = (PdfError, SigningError, KeyError, IndexError, ValueError, AssertionError)

Box = tuple[int, float, float, float, float]


@dataclass(frozen=True)
class Signed:
    """A signed file and what its signature amounts to.

    ``level`` is ``B-B`` (signature), ``B-T`` (with a timestamp by an outside authority), ``B-LT``
    or ``B-LTA`` (see :mod:`levels`); where more was wanted than could be had,
    ``timestamp_problem`` says why.  At ``B-B`` the time in the file is this machine's claim alone.
    ``stamped_until`` is how long an archive timestamp proves itself.
    """

    pdf: bytes
    sha256: str
    level: str
    timestamp_problem: str | None = None
    stamped_until: datetime | None = None


class AuthorityDown(Exception):  # noqa: N818 - reads as the claim it makes
    """The time-stamp authority does not answer now; it may later."""


@dataclass(frozen=True)
class Place:
    """An empty field to be signed: its name, what a reader calls it, its box (see :func:`sign`)."""

    field: str
    label: str
    box: Box | None


def sign(
    pdf: bytes,
    keys: Keys,
    *,
    at: datetime,
    reason: str,
    location: str,
    box: Box | None = None,
    field: str = FIELD,
    appearance: bytes | None = None,
    tsa_url: str = "",
    tsa_roots: tuple[bytes, ...] = (),
    level: str = "B-T",
) -> Signed:
    """Sign a PDF and return it with the level that was reached.

    ``at`` is the claimed time of signing.  ``box`` is (page from 0, x1, y1, x2, y2) in points
    from the lower left; without one the signature is invisible.  ``appearance`` is a one-page
    PDF to be shown in the box (its fonts come along); without one a thin frame is drawn.
    ``level`` is what to reach where ``tsa_url`` names an authority; above ``B-T``, ``tsa_roots``
    (DER) must be those that it is trusted by.

    :raises Invalid: the PDF cannot be read, has no such page, or is already signed.
    """

    def add(writer: Any) -> None:
        if _signatures(writer):
            raise SigningError("it is signed already")
        _add(writer, Place(field, SEAL_NAME, box))
        dress(writer, field, box[0] if box else 0, appearance)

    meta = _metadata(field, reason, location, certify=MDPPerm.NO_CHANGES)
    return _signed(_Job(pdf, keys, meta, at, add), Witness(tsa_url, tsa_roots, level))


def prepare(pdf: bytes, places: Sequence[Place]) -> bytes:
    """Add empty fields for those who sign, in their order; the last is the organisation's seal.

    :raises Invalid: the PDF cannot be read, has no such page, or is already signed.
    """
    try:
        writer = QuietWriter(BytesIO(pdf), strict=True)
        if _signatures(writer):
            raise SigningError("it is signed already")
        for count, place in enumerate(places, start=1):
            names = [each.field for each in places[:count]]
            last = count == len(places)
            _add(writer, place, locks=None if last else names, ends=last)
            dress(writer, place.field, place.box[0] if place.box else 0, None, framed=False)
        output = BytesIO()
        writer.write(output)
    except PDF_FAULTS as error:
        raise _cannot("cannot_sign", error) from error
    return output.getvalue()


def sign_place(
    pdf: bytes,
    keys: Keys,
    field: str,
    *,
    at: datetime,
    reason: str,
    location: str,
    appearance: bytes | None,
    witness: Witness | None = None,
) -> Signed:
    """Sign an empty field of a prepared file; whoever is first certifies it.

    :raises Invalid: the PDF cannot be read, or has no such empty field.
    """

    def draw(writer: Any) -> None:
        show(writer, field, appearance)

    meta = _metadata(field, reason, location, certify=None)
    try:
        if not _signatures(QuietWriter(BytesIO(pdf), strict=True)):
            meta = _metadata(field, reason, location, certify=MDPPerm.FILL_FORMS)
    except PDF_FAULTS as error:
        raise _cannot("cannot_sign", error) from error
    return _signed(_Job(pdf, keys, meta, at, draw), witness or Witness(""))


def raise_level(
    pdf: bytes, keys: Keys, *, tsa_url: str, tsa_roots: tuple[bytes, ...], level: str = "B-LTA"
) -> Signed:
    """Add a timestamp over a signed file, or renew its archive timestamp before that one expires.

    ``level`` B-T adds the timestamp alone, a higher one the evidence too (B-LTA).  The bytes before
    stay; the file that comes out is another file with a hash of its own.  A timestamp proves that
    the signature was there when it was stamped, not earlier.

    :raises AuthorityDown: the authority does not answer.
    :raises Invalid: a certificate in the file is no longer good or cannot be proved, or the file
        has no signature.
    """
    reached = "B-T" if level == "B-T" else "B-LTA"
    witness = Witness(tsa_url, tsa_roots, reached)
    try:
        return _result(asyncio.run(_extend(pdf, keys, witness)), reached)
    except TimestampRequestError as error:
        raise AuthorityDown(str(error)) from error
    except (*TSA_FAULTS, *PDF_FAULTS) as error:
        raise _cannot("cannot_raise", error) from error


def _metadata(field: str, reason: str, location: str, *, certify: MDPPerm | None) -> Any:
    return PdfSignatureMetadata(
        field_name=field,
        md_algorithm=levels.DIGEST,
        reason=reason,
        location=location,
        certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.NO_CHANGES,  # a field's own lock may allow more
        subfilter=SigSeedSubFilter.PADES,
    )


def _add(writer: Any, place: Place, *, locks: list[str] | None = None, ends: bool = False) -> None:
    page, corners = (place.box[0], place.box[1:]) if place.box else (0, None)
    if not 0 <= page < int(writer.root["/Pages"]["/Count"]):
        raise IndexError(f"there is no page {page + 1}")
    lock = FieldMDPSpec(FieldMDPAction.ALL) if ends else None
    if locks is not None:
        lock = FieldMDPSpec(FieldMDPAction.INCLUDE, fields=locks)
    spec = SigFieldSpec(
        place.field,
        on_page=page,
        box=corners,
        readable_field_name=place.label,
        field_mdp_spec=lock,
        doc_mdp_update_value=MDPPerm.NO_CHANGES if ends else None,
    )
    append_signature_field(writer, spec)


def _signatures(writer: Any) -> list[Any]:
    return list(writer.prev.embedded_signatures) if "/AcroForm" in writer.root else []


async def _extend(pdf: bytes, keys: Keys, witness: Witness) -> bytes:
    writer = QuietWriter(BytesIO(pdf), strict=True)
    signatures = _signatures(writer)
    if not signatures:
        raise SigningError("there is no signature")
    if witness.level == "B-T":
        return await levels.stamp_over(writer, witness.stamper())
    async with levels.checking(keys, witness) as known:
        paths = await levels.paths_of(signatures, known)
        return await levels.stamp_over(writer, witness.stamper(), paths, known)


@dataclass(frozen=True)
class _Job:
    """One signature to be given; running it twice gives the same bytes but for a timestamp.

    ``draw`` makes the field, or what is seen in it.
    """

    pdf: bytes
    keys: Keys
    meta: Any
    at: datetime
    draw: Callable[[Any], None]
    signer: Any = None

    def run(self, witness: Witness | None, level: str) -> bytes:
        """Return the file signed at this very level."""
        return asyncio.run(self._run(witness, level))

    async def _run(self, witness: Witness | None, level: str) -> bytes:
        writer = QuietWriter(BytesIO(self.pdf), strict=True)
        self.draw(writer)
        signer = self.signer or CustodianSigner(self.keys)
        stamper = witness.stamper() if witness else None
        if witness and level == "B-LT":
            async with levels.checking(self.keys, witness) as known:
                paths = await levels.paths_of(_signatures(writer), known)
                await levels.bring_evidence(writer, signer.signing_cert, stamper, known, paths)
        signed = await write(QuietSigner(self.meta, signer=signer, timestamper=stamper), writer,
                             self.at)  # fmt: skip
        return await _extend(signed, self.keys, witness) if witness and level == "B-LTA" else signed


def _signed(job: _Job, witness: Witness) -> Signed:
    """Run a job at the best level that can be had, and say what was in the way of a better one."""
    problem = None
    for wanted in witness.levels if witness.url else ():
        try:
            return _result(job.run(witness, wanted), wanted, problem)
        except TSA_FAULTS as error:
            problem = problem or f"{type(error).__name__}: {error}"[:200]
            if isinstance(error, TimestampRequestError):
                break  # it is down: asking again for less would only take longer
    try:
        return _result(job.run(None, "B-B"), "B-B", problem)
    except PDF_FAULTS as error:
        raise _cannot("cannot_sign", error) from error


def _result(pdf: bytes, level: str, problem: str | None = None) -> Signed:
    until = levels.stamped_until(pdf) if level == "B-LTA" else None
    return Signed(pdf, hashlib.sha256(pdf).hexdigest(), level, problem, until)


def _cannot(code: str, error: Exception) -> Invalid:
    return Invalid(N_("这份 PDF 无法签名：%(detail)s"), code=code, detail=str(error))
