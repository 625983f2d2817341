"""Whether a signature is right, whom it leads to, and which PAdES level it has reached today.

Runs in the capped child, for :mod:`examination`.  Nothing is fetched: what is not in the file or
in the question does not count.
"""

import asyncio
import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import crl, x509
from cryptography.x509 import load_der_x509_certificate, load_der_x509_crl
from pyhanko.sign.diff_analysis import DiffResult
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from webapp.documents.authority import issued

PADES = "/ETSI.CAdES.detached"
TIME_STAMPING = {"time_stamping"}
ENDED = ("EXPIRED", "OUT_OF_BOUNDS")  # what pyHanko calls a certificate that was good once
USAGE = KeyUsageConstraints(
    key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False
)


@dataclass
class Stamps:
    """The trusted timestamps that a file has for one signature: who gave them, and when."""

    certificates: list[Any] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)

    def add(self, status: Any, *, trusted: bool = False) -> None:
        """Count a timestamp that is right and comes from an authority that we know."""
        if status is not None and status.intact and status.valid and (status.trusted or trusted):
            self.certificates.append(status.signing_cert)
            self.moments.append(status.timestamp)

    def __add__(self, other: "Stamps") -> "Stamps":
        return Stamps(self.certificates + other.certificates, self.moments + other.moments)


def validate(question: dict[str, Any], embedded: Any) -> tuple[dict[str, Any], Stamps, Any]:
    """Return the facts about a signature or timestamp, the trusted timestamps in it, its status."""
    stamps, context = Stamps(), _context(_roots(question, "tsa_roots"))
    if is_timestamp(embedded):
        status = asyncio.run(async_validate_pdf_timestamp(embedded, context))
        stamps.add(status)
    else:
        status = asyncio.run(
            async_validate_pdf_signature(
                embedded, _context(_roots(question, "roots")), context, key_usage_settings=USAGE
            )
        )
        stamps.add(status.timestamp_validity)
    problem = status.trust_problem_indic.name if status.trust_problem_indic else None
    if _revoked(question, embedded.signer_cert):
        problem = "REVOKED"
    difference = embedded.diff_result
    is_diff = isinstance(difference, DiffResult)
    return (
        {
            "intact": bool(status.intact),
            "valid": bool(status.valid),
            "trusted": bool(status.trusted) and problem is None,
            "problem": problem,
            "modification": difference.modification_level.name if is_diff else "OTHER",
            "permitted": bool(status.docmdp_ok) or is_timestamp(embedded),  # those permit nothing
        },
        stamps,
        status,
    )


def is_timestamp(embedded: Any) -> bool:
    """Return whether it is a document timestamp and no signature."""
    return str(embedded.sig_object_type) == "/DocTimeStamp"


def was_good(question: dict[str, Any], reader: Any, embedded: Any, moment: datetime) -> bool:
    """Return whether the signer's certificate was good at the moment of a trusted timestamp.

    Evidence is what the file brings along and our own lists; trust is what is pinned.
    """
    purposes = TIME_STAMPING if is_timestamp(embedded) else set()
    roots = "tsa_roots" if purposes else "roots"
    try:
        context = _evidence(question, reader, roots, moment, crls=_lists(question))
        validator = _validator(embedded.signer_cert, embedded.other_embedded_certs, context)
        asyncio.run(validator.async_validate_usage(set(), purposes))
    except (MemoryError, RecursionError):
        raise
    except Exception:  # no evidence, not enough of it, or rubbish in its place
        return False
    return True


def level(
    question: dict[str, Any], reader: Any, embedded: Any, own: Stamps, later: Stamps, sealed: bool
) -> str:
    """Return the level that holds today: a timestamp nobody trusts does not raise it.

    ``own`` is in the signature, ``later`` are timestamps over it; ``sealed``: one of those covers
    the whole file, and with it the evidence on certificates.
    """
    if str(embedded.sig_object.get("/SubFilter", "")) != PADES:
        return "CMS"
    moments = own.moments + later.moments
    if not moments:
        return "B-B"
    try:
        asyncio.run(_check_evidence(question, reader, embedded, own, later, min(moments)))
    except (MemoryError, RecursionError):
        raise
    except Exception:  # no evidence, not enough of it, or rubbish in its place
        return "B-T"
    return "B-LTA" if sealed else "B-LT"


async def _check_evidence(
    question: dict[str, Any],
    reader: Any,
    embedded: Any,
    own: Stamps,
    later: Stamps,
    moment: datetime,
) -> None:
    """Let every certificate be checked with what the file itself brings along."""
    context = _evidence(question, reader, "roots", moment)
    extra = embedded.other_embedded_certs
    await _validator(embedded.signer_cert, extra, context).async_validate_usage(set())
    context = _evidence(question, reader, "tsa_roots", moment)
    for certificate in own.certificates + later.certificates:
        await _validator(certificate, (), context).async_validate_usage(set(), TIME_STAMPING)


def _evidence(
    question: dict[str, Any], reader: Any, roots: str, moment: datetime, **more: Any
) -> Any:
    """Return what certificates are checked against at a moment in the past: nothing is fetched."""
    settings = {
        "trust_roots": _roots(question, roots), "allow_fetching": False, "moment": moment,
        "revocation_mode": "require", "retroactive_revinfo": True, **more,
    }  # fmt: skip
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return ValidationContext(**settings)
    return store.as_validation_context(settings)


def _validator(certificate: Any, extra: Any, context: Any) -> Any:
    return CertificateValidator(
        certificate, intermediate_certs=list(extra), validation_context=context
    )


def _context(roots: list[Any]) -> Any:
    return ValidationContext(trust_roots=roots, allow_fetching=False)


def _roots(question: dict[str, Any], name: str) -> list[Any]:
    return [x509.Certificate.load(base64.b64decode(root)) for root in question.get(name, ())]


def _lists(question: dict[str, Any]) -> list[Any]:
    return [crl.CertificateList.load(base64.b64decode(each)) for each in question["crls"]]


def _revoked(question: dict[str, Any], certificate: Any) -> bool:
    """Return whether a list signed by one of our roots names this certificate of that root's.

    pyHanko looks at lists only where the certificate says where to fetch them; ours are at hand.
    """
    mine = load_der_x509_certificate(certificate.dump())
    roots = [load_der_x509_certificate(base64.b64decode(root)) for root in question["roots"]]
    for text in question["crls"]:
        known = load_der_x509_crl(base64.b64decode(text))
        for root in roots:
            if issued(root, mine) and known.is_signature_valid(root.public_key()):  # type: ignore[arg-type]
                return (
                    known.get_revoked_certificate_by_serial_number(mine.serial_number) is not None
                )
    return False
