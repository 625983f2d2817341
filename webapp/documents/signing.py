"""Sign a PDF with the organisation's key: PAdES B-B, or higher with a time-stamp authority.

The only writer of signatures.  One incremental update adds the field, its appearance, its place
in the structure tree and the signature; the bytes before it stay as they were rendered.

The signature certifies the document with DocMDP P=1, "no changes": the organisation's seal is
the last act on a document, so a reader may treat anything added later as a breach.  (P=2 would
let forms be filled and signatures be added, which no document of ours needs; archive
timestamps remain allowed under P=1, ISO 32000-2 12.8.2.2.)
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import (
    MDPPerm,
    SigFieldSpec,
    SigSeedSubFilter,
    append_signature_field,
)
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from webapp.core.errors import N_, Invalid
from webapp.documents import authority, levels
from webapp.documents.authority import SigningKey
from webapp.documents.keys import Keys
from webapp.documents.levels import DIGEST, Witness
from webapp.documents.widget import dress

FIELD = "OrganisationSeal"
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


class KeptKeySigner(Signer):
    """Signs with a key object kept in memory.

    pyHanko's own SimpleSigner parses and checks the key at every raw signature: 2 to 11 times
    slower.  ECDSA takes its nonce from the message (RFC 6979), so the same input gives the same
    file and a retried job changes nothing.
    """

    def __init__(self, keys: Keys) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple(_asn1(each) for each in keys.chain)
        super().__init__(
            signing_cert=_asn1(keys.certificate), cert_registry=registry, embed_roots=False
        )
        self._key = keys.private_key

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Return the raw signature over ``data``."""
        if digest_algorithm != DIGEST:
            raise SigningError(f"{digest_algorithm} is not {DIGEST}")
        return bytes(_largest(self._key)) if dry_run else _raw(self._key, data)


class _QuietWriter(IncrementalPdfFileWriter):
    """Adds the signature and nothing else.

    pyHanko would stamp the present moment into Info and XMP and a random second file id: the
    document's own dates would no longer say when it was rendered, and no two runs would agree.
    """

    def _update_meta(self) -> None:
        return

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        prev.stream.seek(0)
        derived = hashlib.sha256(prev.stream.read()).digest()[:16]
        try:
            first = generic.ByteStringObject(prev.trailer["/ID"][0].original_bytes)
        except KeyError:
            first = generic.ByteStringObject(derived)
        return generic.ArrayObject([first, generic.ByteStringObject(derived)])


class _PdfSigner(PdfSigner):
    """Leaves the file at PDF 1.7, which PDF/A-3 asks for.

    pyHanko would raise it to 2.0 for the sake of the extension that names elliptic curves.
    """

    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _OwnAppearance(BaseStampStyle):
    """Leaves the widget as :mod:`widget` has drawn it; pyHanko's default prints in Courier."""

    def create_stamp(self, writer: Any, box: Any, text_params: Any) -> None:
        return


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
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=DIGEST,
        reason=reason,
        location=location,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        subfilter=SigSeedSubFilter.PADES,
    )
    job = _Job(pdf, keys, KeptKeySigner(keys), meta, at, box, appearance)
    problem = None
    for wanted in (witness := Witness(tsa_url, tsa_roots, level)).levels if tsa_url else ():
        try:
            return _result(job.run(witness, wanted), wanted, problem)
        except TSA_FAULTS as error:
            problem = problem or f"{type(error).__name__}: {error}"[:200]
            if isinstance(error, TimestampRequestError):
                break  # it is down: asking again for less would only take longer
    try:
        return _result(job.run(None, "B-B"), "B-B", problem)
    except PDF_FAULTS as error:
        raise Invalid(
            N_("这份 PDF 无法签名：%(detail)s"), code="cannot_sign", detail=str(error)
        ) from error


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
        raise Invalid(
            N_("这份 PDF 无法签名：%(detail)s"), code="cannot_raise", detail=str(error)
        ) from error


async def _extend(pdf: bytes, keys: Keys, witness: Witness) -> bytes:
    writer = _QuietWriter(BytesIO(pdf), strict=True)
    signatures = list(writer.prev.embedded_signatures)
    if not signatures:
        raise SigningError("there is no signature")
    if witness.level == "B-T":
        return await levels.stamp_over(writer, witness.stamper())
    async with levels.checking(keys, witness) as known:
        paths = await levels.paths_of(signatures, known)
        return await levels.stamp_over(writer, witness.stamper(), paths, known)


def _result(pdf: bytes, level: str, problem: str | None = None) -> Signed:
    until = levels.stamped_until(pdf) if level == "B-LTA" else None
    return Signed(pdf, hashlib.sha256(pdf).hexdigest(), level, problem, until)


@dataclass(frozen=True)
class _Job:
    """One document to be signed; running it twice gives the same bytes but for a timestamp."""

    pdf: bytes
    keys: Keys
    signer: KeptKeySigner
    meta: Any
    at: datetime
    box: Box | None
    appearance: bytes | None

    def run(self, witness: Witness | None, level: str) -> bytes:
        """Return the file signed at this very level."""
        return asyncio.run(self._run(witness, level))

    async def _run(self, witness: Witness | None, level: str) -> bytes:
        writer = _prepare(self.pdf, self.meta.field_name, self.box, self.appearance)
        stamper = witness.stamper() if witness else None
        if witness and level == "B-LT":
            async with levels.checking(self.keys, witness) as known:
                await levels.bring_evidence(writer, self.signer.signing_cert, stamper, known)
        style = _OwnAppearance()
        signer = _PdfSigner(self.meta, signer=self.signer, timestamper=stamper, stamp_style=style)
        signed = await _sign(signer, writer, self.at)
        return await _extend(signed, self.keys, witness) if witness and level == "B-LTA" else signed


def _prepare(pdf: bytes, field: str, box: Box | None, appearance: bytes | None) -> Any:
    writer = _QuietWriter(BytesIO(pdf), strict=True)
    if "/AcroForm" in writer.root and writer.prev.embedded_signatures:
        raise SigningError("it is signed already")
    page, corners = (box[0], box[1:]) if box else (0, None)
    if not 0 <= page < int(writer.root["/Pages"]["/Count"]):
        raise IndexError(f"there is no page {page + 1}")
    spec = SigFieldSpec(field, on_page=page, box=corners, readable_field_name=N_("单位电子签章"))
    append_signature_field(writer, spec)
    dress(writer, field, page, appearance)
    return writer


async def _sign(signer: Any, writer: Any, at: datetime) -> bytes:
    """Walk through pyHanko's signing steps by hand: only so can the claimed time be given."""
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = at
    await session.perform_presign_validation(writer)
    reserved = await session.estimate_signature_container_size(None)
    document = session.prepare_tbs_document(None, bytes_reserved=reserved)
    prepared, output = document.digest_tbs_document()
    attributes = PdfCMSSignedAttributes(signing_time=at)
    await document.perform_signature(prepared.document_digest, attributes)
    return bytes(output.getvalue())


def _raw(key: SigningKey, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))
    return key.sign(data, padding.PKCS1v15(), SHA256())


def _largest(key: SigningKey) -> int:
    """Return the most bytes that a signature by this key can take."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return 2 * ((key.key_size + 7) // 8 + 3) + 3  # two DER integers in a DER sequence
    return key.key_size // 8


def _asn1(certificate: Any) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(authority.der(certificate))
