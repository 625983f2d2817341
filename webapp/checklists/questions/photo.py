"""Photos, by the digest of their bytes; the bytes themselves are kept as evidence elsewhere."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions.base import FormData, Kind, Value
from webapp.core.errors import N_, Invalid

MOST = 20

_NOT_PHOTOS = N_("照片的格式不对，请重新拍摄或选择")
_TOO_MANY = N_("最多 %(most)d 张照片，现在有 %(count)d 张，请删去多余的")
_NO_DIGEST = N_("第 %(place)d 张照片的校验码不对，请重新拍摄或选择")
_NO_MOMENT = N_("第 %(place)d 张照片的拍摄时间不对，应为带时区的时间或留空")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class Photo(Kind):
    """Photos; stored as ``[{"sha256", "taken_at"}]``, at most 20, the same one only once.

    ``taken_at`` is an instant in UTC with milliseconds, as phones write it, or null.  In a form
    each photo kept is one input of the question's name: ``<sha256>`` or ``<sha256> <taken_at>``.
    """

    name: ClassVar[KindName] = "photo"
    many = True

    def parse(self, question: Question, raw: object) -> list[dict[str, str | None]] | None:
        """Read a list of photos."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, list):
            raise Invalid(_NOT_PHOTOS, field=question.id)
        given = [one for one in raw if one != ""]
        if len(given) > MOST:
            raise Invalid(_TOO_MANY, field=question.id, most=MOST, count=len(given))
        photos = [_photo(question, one, place) for place, one in enumerate(given, 1)]
        first: dict[str | None, dict[str, str | None]] = {}
        for photo in photos:
            first.setdefault(photo["sha256"], photo)
        return list(first.values()) or None

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``3 张照片``."""
        if not value:
            return ""
        if lang[:2] == "en":
            return "1 photo" if len(value) == 1 else f"{len(value)} photos"
        return f"{len(value)} 张照片"

    def blobs(self, value: Value | None) -> tuple[str, ...]:
        """Return the photos' digests."""
        return tuple(photo["sha256"] for photo in value or ())

    def merge(self, one: Value | None, other: Value | None) -> Value | None:
        """Return all photos of both."""
        if not one or not other:
            return None
        had = {photo["sha256"] for photo in one}
        united = [*one, *(photo for photo in other if photo["sha256"] not in had)]
        return united if len(united) <= MOST else None

    def raw(self, question: Question, value: Value | None) -> Any:
        """Return one string for each photo."""
        return [" ".join(filter(None, (p["sha256"], p["taken_at"]))) for p in value or ()]

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return one string for each photo kept."""
        return [text for text in form.getlist(name) if isinstance(text, str) and text]


def _photo(question: Question, one: object, place: int) -> dict[str, str | None]:
    if isinstance(one, str):
        one = dict(zip(("sha256", "taken_at"), one.split(" "), strict=False))
    if not isinstance(one, Mapping) or not set(one) <= {"sha256", "taken_at"}:
        raise Invalid(_NOT_PHOTOS, field=question.id)
    sha256 = one.get("sha256")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise Invalid(_NO_DIGEST, field=question.id, place=place)
    return {"sha256": sha256, "taken_at": _instant(question, one.get("taken_at"), place)}


def _instant(question: Question, raw: object, place: int) -> str | None:
    if raw is None:
        return None
    try:
        if not isinstance(raw, str) or not _INSTANT.fullmatch(raw):
            raise ValueError(raw)
        at = datetime.fromisoformat(raw).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(_NO_MOMENT, field=question.id, place=place) from None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
