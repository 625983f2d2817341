"""Settings, read once from the environment (prefix ``MINGCHA_``), each with a default."""

import secrets
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, FilePath, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024


class Settings(BaseSettings):
    """Everything that an operator may set.  The README lists each with its meaning."""

    model_config = SettingsConfigDict(env_prefix="MINGCHA_", frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=ROOT / "var", description="Everything the embedded default writes"
    )
    database_url: str = Field(default="", description="SQLAlchemy URL; empty: SQLite in DATA_DIR")
    blob_url: str = Field(default="", description="Where evidence and PDFs lie; empty: DATA_DIR")
    queue_url: str = Field(default="", description="redis:// for several hosts; empty: DATA_DIR")
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="Public address, printed in QR codes"
    )
    secret_key_setting: str = Field(
        default="", validation_alias="MINGCHA_SECRET_KEY", description="Made once when absent"
    )
    tsa_url: str = Field(default="", description="Time-stamp authority (RFC 3161); empty: none")
    tsa_roots: FilePath | None = Field(
        default=None, description="PEM file of the roots that the authority is trusted by"
    )
    signature_level: Literal["B-T", "B-LT", "B-LTA"] = Field(
        default="B-T", description="PAdES level to reach with a time-stamp authority"
    )
    signing_p12: Path | None = Field(
        default=None, description="PKCS#12 file that replaces the built-in signing key"
    )
    signing_p12_password: str = Field(default="", description="Passphrase of that file")
    pkcs11_module: FilePath | None = Field(
        default=None, description="Library of the hardware (PKCS#11) whose key signs instead"
    )
    pkcs11_token: str = Field(default="", description="Label of the token there")
    pkcs11_key: str = Field(default="", description="Label of its key and certificate")
    pkcs11_pin: str = Field(default="", description="PIN of the token")
    font_fangsong: Path | None = Field(default=None, description="The office's licensed 仿宋 file")
    font_xiaobiaosong: Path | None = Field(
        default=None, description="The office's licensed 小标宋 file"
    )
    timezone: str = Field(default="Asia/Shanghai", description="Zone in which times are shown")
    photo_edge_px: int = Field(
        default=1600, ge=800, le=8000, description="Longest side to which phones scale photos"
    )
    photo_position: bool = Field(
        default=False, description="Whether phones record where a photo is taken"
    )
    photo_max_mib: int = Field(default=20, description="Largest photo taken, in MiB")
    trusted_proxies: int = Field(default=0, description="Reverse proxies in front, for addresses")
    lock_minutes: int = Field(
        default=15, ge=1, le=1440, description="Minutes without a touch until a phone asks its PIN"
    )
    pin_required: bool = Field(
        default=False, description="Whether a phone that keeps something must have a PIN"
    )
    offline_pages: bool = Field(
        default=True, description="Whether phones keep pages; false makes them forget theirs"
    )

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().resolve()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which instants are shown."""
        return ZoneInfo(self.timezone)

    @property
    def database(self) -> str:
        """The database's URL, the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'mingcha.db'}"

    @property
    def blobs(self) -> str:
        """The blob store's URL, the embedded default filled in."""
        return self.blob_url or f"file://{self.data_dir / 'blobs'}"

    @property
    def keys_dir(self) -> Path:
        """Where the built-in CA and signing key lie, mode 0700."""
        return self.data_dir / "keys"

    @property
    def rescue_key_path(self) -> Path:
        """Where the key lies that opens rescue files, mode 0600."""
        return self.data_dir / "rescue_key.pem"

    @property
    def is_demo(self) -> bool:
        """Whether the data directory was made by ``mingcha demo``."""
        return (self.data_dir / "DEMO").exists()

    @cached_property
    def secret_key(self) -> str:
        """The key that signs sessions; made once and kept, mode 0600."""
        return self.secret_key_setting or kept_secret(self.data_dir / "secret_key")


def _random() -> str:
    return secrets.token_urlsafe(48)


def kept_secret(path: Path, make: Callable[[], str] = _random) -> str:
    """Return the secret in ``path``, making it first when it is not there.

    Two processes that start at once end with the same secret: the file appears whole or not at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if not path.exists():
            fresh.touch(mode=0o600)
            fresh.write_text(make(), "ascii")
            path.hardlink_to(fresh)
    except FileExistsError:
        pass  # the other process was first
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_text("ascii")
