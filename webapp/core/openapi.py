"""The API described by itself: every view under ``/api/`` says what it takes and what it gives.

``@describes`` keeps that on the view; ``/api/v1/openapi.json`` gathers it from the routes as
OpenAPI 3.1.  Summary and text are the view's docstring, path parameters its type hints, the
permission and who may ask ``@requires``; refusals that follow from these are not written twice.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from inspect import getdoc, signature
from typing import Any, TypeAlias, TypeVar

from flask import Blueprint, Flask, current_app, jsonify
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from webapp.core.access import permission_of, public
from webapp.core.wire import Problem

PREFIX = "/api/"
SAFE = {"GET", "HEAD"}
REF = "#/components/schemas/{model}"
PLACE = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
ROLES = re.compile(r"\s*:raises \w+:.*", re.DOTALL)

Body: TypeAlias = type[BaseModel] | str
"""What travels: a message as JSON, or the media type of bytes."""
F = TypeVar("F", bound=Callable[..., Any])

bp = Blueprint("openapi", __name__, url_prefix="/api/v1")


@dataclass(frozen=True)
class Description:
    """What a view takes and gives; ``refuses`` are the statuses that do not follow from the rest.

    ``query`` and ``header`` are models whose fields are the parameters.
    """

    responses: Mapping[int, Body]
    request: Body | None = None
    query: type[BaseModel] | None = None
    header: type[BaseModel] | None = None
    refuses: tuple[int, ...] = ()


def describes(responses: Mapping[int, Body], **more: Any) -> Callable[[F], F]:
    """Say what a view takes and gives (see ``Description``)."""

    def decorate(view: F) -> F:
        view.__description__ = Description(responses, **more)  # type: ignore[attr-defined]
        return view

    return decorate


def insist(app: Flask) -> None:
    """Refuse to start with an API route that nobody described.

    :raises RuntimeError: names the routes.
    """
    bare = [rule.rule for rule in _rules(app) if not hasattr(_view(app, rule), "__description__")]
    if bare:
        raise RuntimeError(f"API routes without @describes: {', '.join(bare)}")


@bp.get("/openapi.json")
@public
@describes({200: "application/json"})
def openapi_json() -> ResponseReturnValue:
    """Return this description."""
    return jsonify(document(current_app._get_current_object()))  # type: ignore[attr-defined]


@cache
def document(app: Flask) -> dict[str, Any]:
    """Return the description of all that is registered under ``/api/``."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in _rules(app):
        here = paths.setdefault(PLACE.sub(r"{\1}", rule.rule), {})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            here[method.lower()] = operation(rule, _view(app, rule), method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mingcha",
            "version": version("mingcha"),
            "description": "docs/api.md tells how to begin, docs/sync.md the phone's protocol.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": _schemas(_view(app, rule).__description__ for rule in _rules(app)),
            "parameters": {"language": LANGUAGE},
            "securitySchemes": SECURITY,
        },
    }


LANGUAGE = {
    "name": "X-Language", "in": "header", "schema": {"type": "string", "default": "zh"},
    "description": "The language of titles and remedies: `en`; all else is `zh`.",
}  # fmt: skip
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer",
               "description": "A program's token, made by `mingcha token USER`; it may be held to "
               "some permissions, as `x-permission` names them."},
    "session": {"type": "apiKey", "in": "cookie", "name": "mingcha",
                "description": "The browser's session; `__Host-mingcha` over HTTPS."},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken",
             "description": "With a session, for every write: the page's `csrf-token`."},
}  # fmt: skip


def operation(rule: Rule, view: Any, method: str) -> dict[str, Any]:
    """Return one method of one path."""
    told: Description = view.__description__
    mark = permission_of(view) or ""
    summary, _, text = ROLES.sub("", getdoc(view) or "").partition("\n")
    tag = view.__module__.split(".")[1]
    refused = {*told.refuses, *_refusals(rule, told, mark, method)}
    answers = {**told.responses, **dict.fromkeys(sorted(refused), Problem)}
    parameters = [*_parameters(rule, view, told), {"$ref": "#/components/parameters/language"}]
    body = told.request and {"required": True, "content": _content(told.request)}
    about = {"description": text.strip(), "requestBody": body}
    return {
        "operationId": f"{tag}_{view.__name__.strip('_')}",
        "tags": [tag],
        "summary": summary,
        **{key: one for key, one in about.items() if one},
        "x-permission": mark,
        "security": _security(mark, method),
        "parameters": parameters,
        "responses": {
            str(code): {"description": HTTPStatus(code).phrase, "content": _content(body)}
            for code, body in answers.items()
        },
    }


def _rules(app: Flask) -> list[Rule]:
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    return [rule for rule in rules if rule.rule.startswith(PREFIX)]


def _view(app: Flask, rule: Rule) -> Any:
    return app.view_functions[rule.endpoint]


def _refusals(rule: Rule, told: Description, mark: str, method: str) -> Iterator[int]:
    if mark != "public":
        yield from (401, 403)
    if method not in SAFE:
        yield from (400, 409)
    if rule.arguments:
        yield 404
    if told.request or told.query or told.header:
        yield 422
    if told.request:
        yield from (413, 415)


def _security(mark: str, method: str) -> list[dict[str, list[str]]]:
    if mark == "public":
        return []
    forgery: dict[str, list[str]] = {} if method in SAFE else {"csrf": []}
    return [{"bearer": []}, {"session": [], **forgery}]


def _parameters(rule: Rule, view: Any, told: Description) -> Iterator[dict[str, Any]]:
    for name in PLACE.findall(rule.rule):
        schema = TypeAdapter(signature(view).parameters[name].annotation).json_schema()
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    for place, model in (("query", told.query), ("header", told.header)):
        schema = model.model_json_schema(ref_template=REF) if model else {}
        for name, one in schema.get("properties", {}).items():
            needed = name in schema.get("required", ())
            about = {"description": text} if (text := one.pop("description", "")) else {}
            yield {"name": name, "in": place, "required": needed, "schema": one, **about}


def _content(body: Body) -> dict[str, Any]:
    if isinstance(body, str):
        return {body: {"schema": {"type": "object"}} if body == "application/json" else {}}
    media = "application/problem+json" if body is Problem else "application/json"
    return {media: {"schema": {"$ref": REF.format(model=body.__name__)}}}


def _schemas(told: Iterable[Description]) -> dict[str, Any]:
    used = {b for d in told for b in (d.request, d.query, d.header, *d.responses.values())}
    models: list[type[BaseModel]] = [Problem, *(b for b in used if isinstance(b, type))]
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    if doubled := [name for name in found["$defs"] if "__" in name]:
        raise RuntimeError(f"two messages of the API have the same name: {doubled}")
    return dict(sorted(found["$defs"].items()))
