"""What every certificate made here has in common: names, dates, key identifiers, usages.

The two authorities of an installation, for documents and for addresses of the local network, each
add what is their own.
"""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

CLOCK_SKEW = timedelta(hours=1)  # a reader whose clock is slow still accepts a new certificate
USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
    "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def builder(
    subject: x509.Name, issuer: x509.Name, key: Key, issuer_key: Key, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    """Begin a certificate for ``key``, to be signed with ``issuer_key`` when it is complete."""
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - CLOCK_SKEW)
        .not_valid_after(at + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )


def usage(*wanted: str) -> x509.KeyUsage:
    """Return what a key may be used for, and for nothing else."""
    return x509.KeyUsage(**{each: each in wanted for each in USAGES})
