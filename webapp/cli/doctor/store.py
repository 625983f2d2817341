"""Checks of what may lie on other machines: the store of files, the queue."""

from typing import TYPE_CHECKING

from webapp.cli.doctor.diagnosis import Result, Words, fail, ok, same

if TYPE_CHECKING:
    from webapp.core.config import Settings

PROBE = b"mingcha"
REMEDIES = (
    (
        {"NoCredentialsError", "PartialCredentialsError"},
        Words(
            "请设置 AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
    ),
    (
        {"403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"},
        Words(
            "请检查 AWS_ACCESS_KEY_ID、AWS_SECRET_ACCESS_KEY，以及它对存储桶的读写权限",
            "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do in the bucket",
        ),
    ),
    (
        {"NoSuchBucket", "404"},
        Words(
            "请先建立存储桶，或改正 MINGCHA_BLOB_URL 中的桶名",
            "Make the bucket first, or mend its name in MINGCHA_BLOB_URL",
        ),
    ),
)
ADDRESS = Words("请改正 MINGCHA_BLOB_URL", "Mend MINGCHA_BLOB_URL")
OTHERWISE = Words(
    "请检查 MINGCHA_BLOB_URL 中的 endpoint，以及存储服务是否在运行",
    "Check the endpoint in MINGCHA_BLOB_URL, and that the store is running",
)


def files(settings: "Settings") -> Result:
    """Put a few bytes into a store that lies elsewhere and read them back.

    They stay there: what is kept is never taken away.
    """
    from webapp.core.storage import Unreachable, open_storage

    if settings.blobs.startswith("file:"):
        return ok(same(settings.blobs.removeprefix("file://")))
    try:
        storage = open_storage(settings.blobs)
        storage.get(storage.put(PROBE))
    except ValueError as error:
        return fail(same(str(error)), ADDRESS)
    except Unreachable as error:
        reason = str(error.params["reason"])
        return fail(same(f"{settings.blobs}: {reason}"), remedy_for(reason))
    return ok(same(settings.blobs))


def remedy_for(reason: str) -> Words:
    """Return what mends a store that answers with ``reason``."""
    return next((remedy for reasons, remedy in REMEDIES if reason in reasons), OTHERWISE)


def queue(settings: "Settings") -> Result:
    """Ask Redis for an answer, where it carries the queue."""
    if not settings.queue_url:
        return ok(Words("在数据目录中", "in the data folder"))
    from redis import Redis, RedisError

    with Redis.from_url(settings.queue_url, socket_timeout=5) as client:
        shown = settings.queue_url.rpartition("@")[2]
        try:
            client.ping()
        except RedisError as error:
            return fail(
                same(f"{shown}: {error}"),
                Words(
                    "请检查 Redis 是否在运行，以及 MINGCHA_QUEUE_URL；在此之前不会生成文书",
                    "Check that Redis runs, and MINGCHA_QUEUE_URL; until then documents wait",
                ),
            )
    return ok(same(shown))
