"""Where a signing key is kept, and how raw signatures come out of it.

Everything above knows a key by its :class:`Custodian` alone: two algorithm ids and a way to sign.
Another place (a token) or another algorithm (SM2 with SM3, should PDF readers ever check it) is
another class here; nothing else would change.
"""

from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256

from webapp.documents.authority import SigningKey


class Custodian(Protocol):
    """Keeps a private key and signs with it.

    ``algorithm`` and ``digest`` are the names under which CMS knows them (RFC 5754, RFC 5758);
    ``longest`` is the most bytes that a signature can take.
    """

    @property
    def algorithm(self) -> str: ...  # noqa: D102 - told above

    @property
    def digest(self) -> str: ...  # noqa: D102

    @property
    def longest(self) -> int: ...  # noqa: D102

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``."""


@dataclass(frozen=True)
class KeptKey:
    """A key object in this process's memory.

    ECDSA takes its nonce from the message (RFC 6979), so the same input gives the same file and a
    retried job changes nothing.
    """

    key: SigningKey
    digest: str = "sha256"

    @property
    def algorithm(self) -> str:
        """ECDSA or RSA (PKCS#1 v1.5), over SHA-256."""
        return algorithm_of(self.key.public_key())

    @property
    def longest(self) -> int:
        """The most bytes of a signature."""
        return longest_of(self.key.public_key())

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))
        return self.key.sign(data, padding.PKCS1v15(), SHA256())


def algorithm_of(public_key: object) -> str:
    """Return the name of the signature algorithm that goes with a public key."""
    return "sha256_ecdsa" if isinstance(public_key, ec.EllipticCurvePublicKey) else "sha256_rsa"


def longest_of(public_key: object) -> int:
    """Return the most bytes that a signature checked by this key can take."""
    bits = int(getattr(public_key, "key_size"))  # noqa: B009 - EC or RSA, both have it
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        return 2 * ((bits + 7) // 8 + 3) + 3  # two DER integers in a DER sequence
    return bits // 8
