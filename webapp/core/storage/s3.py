"""A bucket of any S3-compatible store: put if absent, a checksum both ways.

Credentials come from where every S3 program takes them (``AWS_ACCESS_KEY_ID`` and
``AWS_SECRET_ACCESS_KEY``, or the machine's role), so that no address of ours carries a secret.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from hashlib import sha256 as digest_of
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from webapp.core.storage.base import Altered, Unreachable
from webapp.core.turns import outside

FORM = "s3://BUCKET[/PREFIX][?endpoint=https://HOST&region=NAME]"
ANSWERED_IN_S = 30
THERE = {"PreconditionFailed", "412"}
GONE = {"NoSuchKey", "404"}


class S3Storage:
    """Objects ``PREFIX/ab/cdef…`` in one bucket."""

    def __init__(self, bucket: str, prefix: str = "", **place: str) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self.place = place

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Open ``s3://bucket/prefix?endpoint=https://host&region=name``.

        :raises ValueError: there is no bucket in it, or something else that is not known.
        """
        parts = urlsplit(url)
        place = dict(parse_qsl(parts.query))
        if not parts.hostname or not place.keys() <= {"endpoint", "region"}:
            raise ValueError(f"MINGCHA_BLOB_URL is written {FORM}; it is {url!r}")
        return cls(parts.hostname, parts.path.strip("/"), **place)

    @cached_property
    def client(self) -> Any:
        """The connection, made at first use: a process that is forked before has its own."""
        from boto3 import Session  # an extra; most installations keep files in a folder
        from botocore.config import Config

        endpoint = self.place.get("endpoint")
        return Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=self.place.get("region", "us-east-1"),
            config=Config(
                connect_timeout=5,
                read_timeout=ANSWERED_IN_S,
                retries={"mode": "standard", "total_max_attempts": 3},
                request_checksum_calculation="when_required",  # ours is SHA-256, on every put
                response_checksum_validation="when_required",  # and every get
                s3={"addressing_style": "path" if endpoint else "auto"},
            ),
        )

    def key(self, sha256: str) -> str:
        """Return under which name the bytes with this digest lie."""
        return "/".join(filter(None, (self.prefix, sha256[:2], sha256[2:])))

    def has(self, sha256: str) -> bool:
        """Tell whether something is kept under this digest."""
        try:
            with _told():
                self.client.head_object(Bucket=self.bucket, Key=self.key(sha256))
        except KeyError:
            return False
        return True

    def get(self, sha256: str) -> bytes:
        """Return the bytes; see :class:`~webapp.core.storage.base.Storage`."""
        with _told():
            found = self.client.get_object(Bucket=self.bucket, Key=self.key(sha256))
            data: bytes = found["Body"].read()
        if digest_of(data).hexdigest() != sha256:
            raise Altered(sha256)
        return data

    def put(self, data: bytes) -> str:
        """Keep ``data`` if absent; the store has compared its checksum when this returns."""
        digest = digest_of(data)
        sha256 = digest.hexdigest()
        if self.has(sha256):
            return sha256
        with suppress(FileExistsError), _told():  # another host may put the same at this moment
            self.client.put_object(
                Bucket=self.bucket, Key=self.key(sha256), Body=data, IfNoneMatch="*",
                ChecksumSHA256=b64encode(digest.digest()).decode(),
            )  # fmt: skip
        return sha256


@contextmanager
def _told() -> Iterator[None]:
    """Turn the library's many errors into ours.

    :raises KeyError: no such object.
    :raises FileExistsError: there is one already.
    :raises Unreachable: everything else, with the store's own word for it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with outside():
            yield
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        if code in GONE:
            raise KeyError(code) from error
        if code in THERE:
            raise FileExistsError(code) from error
        raise Unreachable(code) from error
    except BotoCoreError as error:
        raise Unreachable(type(error).__name__) from error
