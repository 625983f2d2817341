"""What one process prints and signs with: settings, storage, fonts, keys; each loaded once.

Set up when the application registers the slice, as the database is.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import Bureau, User
from webapp.core.clock import now
from webapp.core.config import Settings
from webapp.core.errors import N_, Conflict
from webapp.core.storage import Storage
from webapp.documents import keys, personal
from webapp.documents.fonts import Fonts, unpack
from webapp.documents.keys import Keys
from webapp.documents.token import TokenPlace

_opening = Lock()  # two threads at once would both make an authority


@dataclass
class Workshop:
    """The tools of one process."""

    settings: Settings
    storage: Storage
    _keys: Keys | None = None

    @cached_property
    def fonts(self) -> Fonts:
        """The fonts that documents embed, unpacked."""
        settings = self.settings
        return unpack(
            settings.data_dir,
            fangsong=settings.font_fangsong,
            biaosong=settings.font_xiaobiaosong,
        )

    @cached_property
    def tsa_roots(self) -> tuple[bytes, ...]:
        """The roots (DER) of the time-stamp authorities whose word counts.

        :raises Invalid: the file that is set cannot be read.
        """
        return keys.trusted_roots(self.settings.tsa_roots)

    def keys(self, session: Session) -> Keys:
        """Return what signs; the very first call makes the installation's own authority.

        :raises Invalid: the keys are damaged or cannot sign.
        :raises Conflict: there is no bureau yet in whose name to sign.
        """
        with _opening:
            if self._keys is None:
                settings = self.settings
                self._keys = keys.open_keys(
                    settings.keys_dir,
                    organisation=_organisation(session),
                    at=now(),
                    p12=settings.signing_p12,
                    passphrase=settings.signing_p12_password,
                    token=_token(settings),
                )
            return keys.refreshed(self._keys, self.settings.keys_dir)

    def personal_keys(self, session: Session, user: User, *, at: datetime) -> Keys:
        """Return what a person signs with; their first signature makes it.

        :raises Invalid: the built-in authority's keys are damaged.
        """
        self.keys(session)
        return personal.keys_of(
            self.settings.keys_dir, user.id,
            name=user.name, organisation=_organisation(session), at=at,
        )  # fmt: skip

    def verify_url(self, code: str = "") -> str:
        """Return the public address where a paper is checked."""
        return f"{self.settings.base_url.rstrip('/')}/verify{'/' * bool(code)}{code}"


_current: list[Workshop] = []


def open_workshop(settings: Settings, storage: Storage) -> None:
    """Set up this process's tools; a second call replaces them."""
    _current[:] = [Workshop(settings, storage)]


def workshop() -> Workshop:
    """Return this process's tools."""
    return _current[0]


def _token(settings: Settings) -> TokenPlace | None:
    if settings.pkcs11_module is None:
        return None
    return TokenPlace(
        settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_key, settings.pkcs11_pin
    )


def _organisation(session: Session) -> str:
    """Return the name on the certificate: the bureau this installation was made for."""
    name = session.scalar(select(Bureau.name).order_by(Bureau.id).limit(1))
    if name is None:
        raise Conflict(N_("还没有登记单位，不能签名"), code="no_bureau")
    return name
