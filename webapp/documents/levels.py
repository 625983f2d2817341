"""What makes a signature last longer than its certificate: timestamps and evidence.

B-T adds a timestamp by an outside authority; B-LT brings the certificates and revocation lists
along (a document security store), in the very revision that is signed, so that the seal covers the
whole file; B-LTA puts the store and a timestamp over everything into one revision after it, the
timestamp last, so that the timestamp covers the whole file.  (pyHanko's own order writes the store
after the timestamp: nothing would cover the end of the file.)
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms as asn1_cms
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend

from webapp.documents import authority
from webapp.documents.keys import Keys

LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")
DIGEST = "sha256"
TIMEOUT_S = 10
STAMP_FIELD = "ArchiveTimestamp"
STAMP_NAME = "存档时间戳"
TIME_STAMPING = {"time_stamping"}
EVIDENCE_FAULTS = (PathError, ValidationError)  # a certificate cannot be proved good
STORE_FIRST = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)


@dataclass(frozen=True)
class Witness:
    """A time-stamp authority: its address, the roots (DER) it is trusted by, the level wanted.

    Evidence needs the roots: what leads to none of them cannot be proved.
    """

    url: str
    roots: tuple[bytes, ...] = ()
    level: str = "B-T"

    def stamper(self) -> Any:
        """Return a client for the authority."""
        return HTTPTimeStamper(self.url, timeout=TIMEOUT_S)

    @property
    def levels(self) -> tuple[str, ...]:
        """What to try, best first; signing alone (B-B) needs no witness."""
        return LEVELS[LEVELS.index(self.level) : 0 : -1]


@asynccontextmanager
async def checking(keys: Keys, witness: Witness) -> AsyncIterator[Any]:
    """Give what certificates are checked against: our roots and lists, theirs over HTTP."""
    trusted = (*keys.roots, *witness.roots)
    backend = AIOHttpFetcherBackend(per_request_timeout=TIMEOUT_S)
    try:
        yield ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(root) for root in trusted],
            other_certs=[asn1_x509.Certificate.load(authority.der(each)) for each in keys.chain],
            crls=[asn1_crl.CertificateList.load(crl) for crl in keys.crls],
            allow_fetching=True,
            revocation_mode="require",
            fetchers=backend.get_fetchers(),
        )
    finally:
        await backend.close()


async def bring_evidence(
    writer: Any, certificate: Any, stamper: Any, known: Any, paths: list[Any]
) -> None:
    """Write what proves signer's and authority's certificates into the revision being made.

    ``paths`` are those of whoever signed before.
    """
    paths = [*paths, await path_of(certificate, (), known)]
    paths += [path async for path in stamper.validation_paths(known)]
    DocumentSecurityStore.supply_dss_in_writer(
        writer, sig_contents=None, paths=paths, validation_context=known
    )


async def stamp_over(
    writer: Any, stamper: Any, paths: list[Any] | None = None, known: Any = None
) -> bytes:
    """Add a timestamp over the whole file, with the evidence (if any) in the same revision."""
    number = len(list(writer.prev.embedded_timestamp_signatures)) + 1
    stamping = PdfTimeStamper(
        stamper, field_name=f"{STAMP_FIELD}{number}", readable_field_name=STAMP_NAME
    )
    output = await stamping.async_timestamp_pdf(
        writer, DIGEST, known, validation_paths=paths, dss_settings=STORE_FIRST
    )
    return bytes(output.getvalue())


async def answers(witness: Witness) -> bool:
    """Return whether the authority stamps anything at all just now."""
    try:
        await witness.stamper().async_timestamp(hashlib.sha256(b"").digest(), DIGEST)
    except (TimestampRequestError, OSError, ValueError, TypeError):
        return False
    return True


def stamped_until(pdf: bytes) -> datetime | None:
    """Return when the certificate behind the newest timestamp over the file ends."""
    stamps = list(PdfFileReader(BytesIO(pdf)).embedded_timestamp_signatures)
    return stamps[-1].signer_cert.not_valid_after if stamps else None


async def paths_of(signatures: Iterable[Any], known: Any) -> list[Any]:
    """Return the checked paths of everything that signed or stamped a file so far.

    :raises ValidationError: one of them is no longer good, or cannot be proved.
    """
    paths = []
    for each in signatures:
        purposes = TIME_STAMPING if str(each.sig_object_type) == "/DocTimeStamp" else set()
        paths.append(await path_of(each.signer_cert, each.other_embedded_certs, known, purposes))
        for given in _tokens(each.signer_info):
            stampers = [one for one in given if one.extended_key_usage_value and not one.ca]
            paths += [await path_of(one, given, known, TIME_STAMPING) for one in stampers]
    return paths


def _tokens(signer: Any) -> Iterator[list[Any]]:
    """Yield the certificates in each timestamp that a signature carries."""
    unsigned = signer["unsigned_attrs"]
    for attribute in unsigned if isinstance(unsigned, asn1_cms.CMSAttributes) else ():
        if attribute["type"].native == "signature_time_stamp_token":
            for token in attribute["values"]:
                yield [choice.chosen for choice in token["content"]["certificates"]]


async def path_of(
    certificate: Any, extra: Iterable[Any], known: Any, purposes: Iterable[str] = ()
) -> Any:
    """Return the checked path from a certificate to a root."""
    validator = CertificateValidator(
        certificate, intermediate_certs=list(extra), validation_context=known
    )
    return await validator.async_validate_usage(set(), set(purposes))
