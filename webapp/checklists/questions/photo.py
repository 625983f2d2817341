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

_NOT_CAPTURED = N_("第 %(place)d 张照片的拍摄信息不对，请重新拍摄或选择")

KEYS = ("sha256", "taken_at", "drift_ms", "position")
_DRIFT = re.compile(r"-?[0-9]{1,12}")
_POSITION = re.compile(r"-?[0-9]{1,2}\.[0-9]{1,7},-?[0-9]{1,3}\.[0-9]{1,7},[0-9]{1,6}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class Photo(Kind):
    """Photos; stored as ``[{"sha256", "taken_at"}]``, at most 20, the same one only once.

    ``taken_at`` is an instant in UTC with milliseconds, as phones write it, or null.  Beside it may
    stand ``drift_ms``, by how much the device's clock had moved against its monotonic one since the
    page was opened, and after that ``position``, as ``latitude,longitude,accuracy in metres``.  In
    a form each photo kept is one input of the question's name: what there is, by blanks.
    """

    name: ClassVar[KindName] = "photo"
    many = True

    def parse(self, question: Question, raw: object) -> list[dict[str, Any]] | None:
        """Read a list of photos."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, list):
            raise Invalid(_NOT_PHOTOS, field=question.id)
        given = [one for one in raw if one != ""]
        if len(given) > MOST:
            raise Invalid(_TOO_MANY, field=question.id, most=MOST, count=len(given))
        photos = [_photo(question, one, place) for place, one in enumerate(given, 1)]
        first: dict[str, dict[str, Any]] = {}
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
        return [
            " ".join(str(p[key]) for key in KEYS if p.get(key) is not None) for p in value or ()
        ]

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return one string for each photo kept."""
        return [text for text in form.getlist(name) if isinstance(text, str) and text]


def _photo(question: Question, one: object, place: int) -> dict[str, Any]:
    if isinstance(one, str):
        one = dict(zip(KEYS, one.split(" "), strict=False))
    if not isinstance(one, Mapping) or not set(one) <= set(KEYS):
        raise Invalid(_NOT_PHOTOS, field=question.id)
    sha256 = one.get("sha256")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise Invalid(_NO_DIGEST, field=question.id, place=place)
    taken_at = _instant(question, one.get("taken_at"), place)
    return {"sha256": sha256, "taken_at": taken_at} | _capture(question, one, place)


def _capture(question: Question, one: Mapping[str, object], place: int) -> dict[str, Any]:
    """Read how a photo was taken; each part needs those before it, or a form could not tell."""
    told = [one.get(key) for key in KEYS[1:]]
    given = [value for value in told if value is not None]
    if told[: len(given)] != given:
        raise Invalid(_NOT_CAPTURED, field=question.id, place=place)
    found: dict[str, Any] = {}
    if len(given) > 1:
        if isinstance(given[1], bool) or not _DRIFT.fullmatch(str(given[1])):
            raise Invalid(_NOT_CAPTURED, field=question.id, place=place)
        found["drift_ms"] = int(str(given[1]))
    if len(given) > 2:
        if not _POSITION.fullmatch(str(given[2])) or not _is_on_earth(str(given[2])):
            raise Invalid(_NOT_CAPTURED, field=question.id, place=place)
        found["position"] = str(given[2])
    return found


def _is_on_earth(position: str) -> bool:
    latitude, longitude, _ = map(float, position.split(","))
    return abs(latitude) <= 90 and abs(longitude) <= 180


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
