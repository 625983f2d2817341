"""The bureau's rescue key: phones close their data keys for it, and it alone opens them."""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from webapp.core.config import kept_secret

CURVE = ec.SECP256R1()


@dataclass(frozen=True)
class RescueKey:
    """A P-256 key pair; ``proof_of`` lets a phone show later whose it was."""

    private: ec.EllipticCurvePrivateKey

    @cached_property
    def point(self) -> bytes:
        """The public key, as an uncompressed point."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def id(self) -> str:
        """The name by which files say which key closes them."""
        return sha256(self.point).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The public key in Base64."""
        return b64encode(self.point).decode("ascii")

    @cached_property
    def _proving(self) -> bytes:
        pem = self.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return HKDF(SHA256(), 32, None, b"mingcha rescue proof").derive(pem)

    def proof_of(self, user_id: int) -> str:
        """Return what only a page of this user has been told: a file without it is nobody's."""
        return hmac.new(self._proving, str(user_id).encode("ascii"), sha256).hexdigest()


def open_key(path: Path) -> RescueKey:
    """Read the key pair, making it first when there is none (mode 0600)."""
    pem = kept_secret(path, _fresh).encode("ascii")
    private = load_pem_private_key(pem, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no key of P-256")
    return RescueKey(private)


def _fresh() -> str:
    key = ec.generate_private_key(CURVE)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
