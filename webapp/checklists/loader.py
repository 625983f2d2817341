"""Reading the catalogue: every YAML file becomes a checklist, or a line that says what is wrong.

All mistakes of all files are collected before anything is refused, so that whoever edits a file
sees them at once.
"""

import json
from collections.abc import Hashable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

try:
    from yaml import CSafeLoader as SafeLoader  # ten times faster, where libyaml is built in
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

from webapp.checklists import lints
from webapp.checklists.definitions import Checklist, Section

CATALOGUE = Path(__file__).parent / "catalogue"
VISIT = "_visit.yaml"


class CatalogueError(Exception):
    """Files of the catalogue cannot be used; ``problems`` has a line for each mistake."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def load_catalogue(folder: Path = CATALOGUE) -> tuple[Checklist, ...]:
    """Return the checklists of a folder, in the order of their file names.

    Each begins and ends with the sections that ``_visit.yaml`` calls opening and closing.

    :raises CatalogueError: a file is missing, is not YAML, or says something that may not be said.
    """
    problems: list[str] = []
    opening, closing = _visit(folder / VISIT, problems)
    loaded: dict[str, Checklist] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name != VISIT:
            checklist = _checklist(path, opening, closing, problems)
            if checklist is not None:
                loaded[path.name] = checklist
    problems += lints.across(loaded)
    if not loaded and not problems:
        problems.append(f"{folder}: has no checklist")
    if problems:
        raise CatalogueError(problems)
    return tuple(loaded.values())


def content_of(checklist: Checklist) -> dict[str, Any]:
    """Return what is stored of a checklist; ``Checklist.model_validate`` reads it back.

    What a definition leaves at its default is left out, so that a new optional key does not make
    a new version of every checklist.
    """
    return checklist.model_dump(mode="json", exclude_defaults=True)


def canonical_json(checklist: Checklist) -> bytes:
    """Return the one way of writing a checklist's content as bytes."""
    content = content_of(checklist)
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return written.encode()


def sha256_of(checklist: Checklist) -> str:
    """Return the digest that tells one version's content from another's."""
    return sha256(canonical_json(checklist)).hexdigest()


class _Loader(SafeLoader):
    """YAML in which no key may stand twice and nothing but plain data comes out."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                where = f"line {key_node.start_mark.line + 1}"
                raise yaml.MarkedYAMLError(problem=f"{where}: the key {key} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def _read(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506 - derived from SafeLoader
    except FileNotFoundError:
        problems.append(f"{path.name}: the file is missing")
    except UnicodeDecodeError:
        problems.append(f"{path.name}: is not UTF-8 text")
    except yaml.YAMLError as error:
        problems.append(f"{path.name}: {_yaml_words(error)}")
    else:
        if isinstance(data, dict):
            return data
        problems.append(f"{path.name}: must be a mapping of keys")
    return None


def _yaml_words(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "cannot be read"
    return f"line {mark.line + 1}: is not YAML: {problem}" if mark else str(problem)


def _visit(path: Path, problems: list[str]) -> tuple[list[Any], list[Any]]:
    data = _read(path, problems)
    if data is None:
        return [], []
    for key in sorted({"opening", "closing"} ^ set(data)):
        known = key in ("opening", "closing")
        problems.append(f"{path.name}: {key}: {'is missing' if known else 'is not a known key'}")
    sections: list[list[Any]] = []
    for key in ("opening", "closing"):
        good = key in data and _valid(Section, data[key], f"{path.name}: {key}", problems)
        sections.append([data[key]] if good else [])
    return sections[0], sections[1]


def _valid(model: type[Section], data: Any, where: str, problems: list[str]) -> bool:
    try:
        model.model_validate(data)
    except ValidationError as refused:
        problems += [f"{where}: {_words(error, data)}" for error in refused.errors()]
        return False
    return True


def _checklist(
    path: Path, opening: list[Any], closing: list[Any], problems: list[str]
) -> Checklist | None:
    data = _read(path, problems)
    if data is None:
        return None
    if isinstance(data.get("sections"), list):
        data["sections"] = [*opening, *data["sections"], *closing]
    try:
        checklist = Checklist.model_validate(data)
    except ValidationError as refused:
        problems += [f"{path.name}: {_words(error, data)}" for error in refused.errors()]
        return None
    problems += [f"{path.name}: {problem}" for problem in lints.within(checklist)]
    return checklist


# -- what pydantic found, in plain words ---------------------------------------------------------

_PLAIN = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text (put it in quotes)",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "is not a well-formed id",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "dict_type": "must be a mapping of keys",
    "model_type": "must be a mapping of keys",
    "model_attributes_type": "must be a mapping of keys",
}


def _words(error: ErrorDetails, data: Any) -> str:
    where = [name for name in _path(error["loc"], data) if name]
    return ": ".join([*where, _problem(error)])


def _problem(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        expected = str(error["ctx"]["expected"])
        return "must be one of " + expected.replace(" or ", ", ").replace("'", "")
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    told: str = error["msg"]
    return _PLAIN.get(error["type"]) or told[0].lower() + told[1:]


def _path(loc: tuple[int | str, ...], data: Any) -> tuple[str, str]:
    """Return the id of the item, section or question a mistake is in, and the keys below it."""
    place, keys = "", []
    for step in loc:
        data = _inside(data, step)
        found = data.get("id") if isinstance(data, Mapping) and isinstance(step, int) else None
        if not isinstance(step, int):
            keys.append(step)
        elif keys and keys[-1] in ("sections", "items"):
            place, keys = str(found or f"{keys[-1][:-1]} {step + 1}"), []
        else:
            keys.append(str(found or step + 1))
    return place, ".".join(keys)


def _inside(data: Any, step: int | str) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None
