"""The built-in certificate authority: a root, one signing certificate, a revocation list.

Pure: keys and instants in, certificates out.  P-256 and SHA-256 throughout; every reader of
PDF signatures understands them, and a signature takes well under a millisecond.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from webapp.core.certificates import CLOCK_SKEW, Key, builder, usage

SigningKey = Key

YEAR = timedelta(days=365.25)
ROOT_LIFE = 20 * YEAR
SIGNER_LIFE = 10 * YEAR
CRL_LIFE = YEAR
NAME_MAX = 64  # X.520's upper bound for an organisation's name, in characters
ROOT_SUFFIX = " 根证书"


def new_key() -> ec.EllipticCurvePrivateKey:
    """Make a P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def root_certificate(organisation: str, key: SigningKey, at: datetime) -> x509.Certificate:
    """Make the self-signed root, which may sign certificates and revocation lists only."""
    name = _name(organisation, organisation[: NAME_MAX - len(ROOT_SUFFIX)] + ROOT_SUFFIX)
    return _finish(
        builder(name, name, key, key, at, ROOT_LIFE), key,
        x509.BasicConstraints(ca=True, path_length=0), "key_cert_sign", "crl_sign",
    )  # fmt: skip


def signer_certificate(
    organisation: str,
    key: SigningKey,
    root: x509.Certificate,
    root_key: SigningKey,
    at: datetime,
) -> x509.Certificate:
    """Make the certificate that signs documents: digitalSignature and nonRepudiation.

    No extended key usage: one that names documents alone makes ``openssl cms -verify`` refuse.
    """
    return person_certificate(organisation, organisation, key, root, root_key, at)


def person_certificate(
    organisation: str,
    person: str,
    key: SigningKey,
    root: x509.Certificate,
    root_key: SigningKey,
    at: datetime,
) -> x509.Certificate:
    """Make the certificate by which a person of the organisation signs, as the seal's otherwise."""
    name = _name(organisation, person)
    begun = builder(name, _subject(root), key, root_key, at, SIGNER_LIFE)
    constraints = x509.BasicConstraints(ca=False, path_length=None)
    return _finish(begun, root_key, constraints, "digital_signature", "content_commitment")


def revocation_list(
    root: x509.Certificate,
    key: SigningKey,
    revoked: list[x509.RevokedCertificate],
    at: datetime,
    number: int,
) -> x509.CertificateRevocationList:
    """Make the list that names the certificates which count no longer."""
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    crl = x509.CertificateRevocationListBuilder().issuer_name(_subject(root))
    crl = crl.last_update(at - CLOCK_SKEW).next_update(at + CRL_LIFE)
    crl = crl.add_extension(x509.CRLNumber(number), critical=False)
    crl = crl.add_extension(authority, critical=False)
    for entry in revoked:
        crl = crl.add_revoked_certificate(entry)
    return crl.sign(key, hashes.SHA256())


def revocation(serial: int, at: datetime) -> x509.RevokedCertificate:
    """Make the entry that revokes the certificate of this serial number."""
    entry = x509.RevokedCertificateBuilder().serial_number(serial)
    return entry.revocation_date(at).build()


def name_of(certificate: x509.Certificate) -> str:
    """Return whom the certificate names, by the most telling part."""
    subject = _subject(certificate)
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in subject.get_attributes_for_oid(oid):
            return str(attribute.value)
    return subject.rfc4514_string()


def issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Return whether the one signed the other."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate as DER."""
    return certificate.public_bytes(serialization.Encoding.DER)


def private_pem(key: SigningKey) -> bytes:
    """Return a private key as unencrypted PKCS#8; the file's mode guards it."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _name(organisation: str, common: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common),
    )
    with _long_names():
        return x509.Name(x509.NameAttribute(oid, value, _validate=False) for oid, value in parts)


def _subject(certificate: x509.Certificate) -> x509.Name:
    with _long_names():
        return certificate.subject


@contextmanager
def _long_names() -> Iterator[None]:
    """Let a name have 64 characters, as X.520 does.

    The library counts UTF-8 bytes and warns from the 22nd Han character on.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Attribute's length must be", UserWarning)
        yield


def _finish(
    begun: x509.CertificateBuilder,
    issuer_key: SigningKey,
    constraints: x509.BasicConstraints,
    *usages: str,
) -> x509.Certificate:
    whole = begun.add_extension(constraints, critical=True)
    return whole.add_extension(usage(*usages), critical=True).sign(issuer_key, hashes.SHA256())
