"""A key that never leaves its hardware: PKCS#11, by the vendor's library.

The token holds the key and its certificate under one label, and may hold the certificates above
it.  What is signed goes to the token; nothing secret comes back.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from webapp.core.errors import N_, Invalid
from webapp.documents import pkcs12
from webapp.documents.custody import algorithm_of, longest_of


@dataclass(frozen=True)
class TokenPlace:
    """Where a key lies: the vendor's library, the token's label, the key's label, the PIN."""

    module: Path
    token: str
    key: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class TokenIdentity:
    """A certificate on a token, who signs for it, and what is to be trusted (see ``pkcs12``)."""

    certificate: x509.Certificate
    custodian: "TokenKey"
    chain: tuple[x509.Certificate, ...]
    root: x509.Certificate


class TokenKey:
    """Signs by a token; one session for each process, opened when first needed."""

    digest = "sha256"

    def __init__(self, place: TokenPlace, public_key: Any) -> None:
        self._place, self._public_key = place, public_key
        self._lock = Lock()

    @property
    def algorithm(self) -> str:
        """ECDSA or RSA (PKCS#1 v1.5), over SHA-256."""
        return algorithm_of(self._public_key)

    @property
    def longest(self) -> int:
        """The most bytes of a signature."""
        return longest_of(self._public_key)

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``.

        :raises Invalid: the token does not sign, with its reason.
        """
        with self._lock:
            try:
                return self._sign(data)
            except _faults():
                self._forget()  # it may have been pulled out and put back
            try:
                return self._sign(data)
            except _faults() as error:
                raise _trouble(error) from error

    def _sign(self, data: bytes) -> bytes:
        from pkcs11 import Mechanism
        from pkcs11.util.ec import encode_ecdsa_signature

        if isinstance(self._public_key, ec.EllipticCurvePublicKey):
            raw = self._key.sign(sha256(data).digest(), mechanism=Mechanism.ECDSA)
            return bytes(encode_ecdsa_signature(raw))
        return bytes(self._key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))

    @cached_property
    def _session(self) -> Any:
        return _open(self._place)

    @cached_property
    def _key(self) -> Any:
        from pkcs11 import ObjectClass

        return self._session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._place.key)

    def _forget(self) -> None:
        with suppress(*_faults()):
            self._session.close()
        for name in ("_key", "_session"):
            self.__dict__.pop(name, None)


def read(place: TokenPlace, *, at: datetime) -> TokenIdentity:
    """Find a certificate on a token and make sure that documents can be signed with it.

    :raises Invalid: see the ``code``: ``pkcs11_missing`` (the library for Python is not installed),
        ``pkcs11_token``, ``pkcs11_no_certificate``, and those of ``pkcs12.read``.
    """
    try:
        with _open(place) as session:
            mine, others = _certificates(session, place.key)
            _find_key(session, place.key)
    except _faults() as error:
        raise _trouble(error) from error
    if mine is None:
        raise Invalid(
            N_("令牌里没有标签为 %(key)s 的证书"), code="pkcs11_no_certificate", key=place.key
        )
    public_key = mine.public_key()
    pkcs12.check_strength(public_key)
    pkcs12.check_dates(mine, at)
    pkcs12.check_usage(mine)
    chain = pkcs12.chain_of(mine, others)
    return TokenIdentity(mine, TokenKey(place, public_key), chain, chain[-1] if chain else mine)


def _open(place: TokenPlace) -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise Invalid(
            N_("没有安装 PKCS#11 支持"), code="pkcs11_missing",
            remedy=N_("请系统管理员安装 mingcha[pkcs11]。"),
        ) from error  # fmt: skip
    token = pkcs11.lib(str(place.module)).get_token(token_label=place.token)
    try:
        return token.open(user_pin=place.pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:
        return token.open()  # a process logs in once, for all of its sessions


def _find_key(session: Any, label: str) -> None:
    from pkcs11 import ObjectClass

    session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)


def _certificates(session: Any, label: str) -> tuple[x509.Certificate | None, list[Any]]:
    from pkcs11 import Attribute, ObjectClass

    mine, others = None, []
    for each in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        certificate = x509.load_der_x509_certificate(bytes(each[Attribute.VALUE]))
        if each[Attribute.LABEL] == label:
            mine = certificate
        else:
            others.append(certificate)
    return mine, others


def _faults() -> tuple[type[Exception], ...]:
    try:
        from pkcs11.exceptions import PKCS11Error
    except ImportError:
        return (OSError,)
    return (PKCS11Error, RuntimeError, OSError)


def _trouble(error: Exception) -> Invalid:
    detail = f"{type(error).__name__} {error}".strip()
    return Invalid(N_("令牌不能用：%(detail)s"), code="pkcs11_token", detail=detail)
