"""JSON in and out: how every door of the API reads a body and writes an answer (docs/api.md)."""

import json
from typing import Any, Literal, NoReturn, TypeVar

from flask import Response, request
from pydantic import BaseModel, Field, ValidationError

from webapp.core.errors import N_, Invalid, Unsupported

JSON_MAX_BYTES = 8 * 1024 * 1024
DIGITS_MAX = 30
PLACE_MAX = 200
M = TypeVar("M", bound=BaseModel)


class Problem(BaseModel):
    """Why something was refused (RFC 9457): ``code`` is for programs, the rest for people."""

    type: Literal["about:blank"] = "about:blank"
    status: int = Field(ge=400, le=599, description="The HTTP status that goes with it.")
    code: str = Field(description="Stable word for programs, listed in docs/sync.md.")
    title: str = Field(description="What is wrong, in the language of `X-Language`.")
    field: str | None = Field(default=None, description="The place that is to be mended.")
    remedy: str | None = Field(default=None, description="What to do, in the same language.")
    params: dict[str, Any] = Field(default_factory=dict, description="Figures of the title.")


def answer(told: BaseModel, status: int = 200) -> Response:
    """Return a message as a JSON answer; keys that were never set are left out."""
    body = told.model_dump_json(exclude_unset=True)
    return Response(body, status, mimetype="application/json")


def read_body(kind: type[M]) -> M:
    """Return the request's JSON as a message.

    :raises Unsupported: it is not sent as plain UTF-8 JSON.
    :raises Invalid: it is no JSON, ambiguous, or not of this shape; ``field`` names the place.
    :raises RequestEntityTooLarge: more than ``JSON_MAX_BYTES``.
    """
    request.max_content_length = JSON_MAX_BYTES
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset != "utf-8" or request.content_encoding:
        raise Unsupported(
            N_("消息的格式不支持"), remedy=N_("请以 UTF-8 编码的 application/json 发送，不要压缩。")
        )
    data = request.get_data(cache=False)
    message = parsed(kind, data, json=True)
    json.loads(data, object_pairs_hook=_once, parse_constant=_constant, parse_int=_whole)
    return message


def parsed(kind: type[M], data: Any, *, json: bool = False) -> M:
    """Return ``data`` as a message.

    :raises Invalid: it is not of this shape; ``field`` names the place.
    """
    try:
        return kind.model_validate_json(data) if json else kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))[:PLACE_MAX]
        raise Invalid(
            N_("消息格式不对：%(place)s"), place=place or "JSON", field=place or None,
            code="bad_message", reason=first["msg"],
        ) from error  # fmt: skip


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object that names a key twice: two readers could read two things in it."""
    if len({key for key, _ in pairs}) == len(pairs):
        return
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            place = key[:PLACE_MAX]
            raise Invalid(
                N_("消息中的键重复：%(place)s"), place=place, field=place, code="bad_message"
            )
        seen.add(key)


def _constant(word: str) -> NoReturn:
    raise Invalid(N_("%(word)s 不是 JSON 中的数"), word=word, code="bad_message")


def _whole(digits: str) -> None:
    if len(digits) > DIGITS_MAX:
        raise Invalid(N_("数字太长"), code="bad_message")
