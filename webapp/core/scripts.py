"""Our scripts as they go out: what belongs together joined into one file, without comments.

Modules that import each other cost a phone on a slow line a round trip for each step, and each file
its headers and a compression that begins with nothing.  So each of ``ENTRIES`` goes out with all
that it imports, and what that imports, each module as a function that returns what it exports.  The
addresses of those modules stay and pass on what is in there, so that each exists once, whoever asks
for it.  What is loaded by ``import("…")`` remains a file of its own; no module belongs to both.
"""

import posixpath
import re
from functools import lru_cache

from rjsmin import jsmin

from webapp.core.config import ROOT

STATIC = ROOT / "static"
ENTRIES = ("js/main.js", "js/components/form.js")
IMPORT = re.compile(
    r"^import (?:(?P<one>\w+) from |\* as (?P<all>\w+) from |(?P<some>\{.+\}) from )?"
    r'"(?P<path>[^"]+)";(?: //.*)?$',
    re.M,
)
LAZY = re.compile(r'\bimport\("(\.[^"]+)"\)')
EXPORT = re.compile(r"^export (default )?(?=(?:async )?(?:function|class|const) (\w+))", re.M)


def outgoing(name: str) -> str:
    """Return a script of ours as a browser gets it; ``name`` is its path below ``static``."""
    entry = next((one for one in ENTRIES if name in members(one)), None)
    if name == entry:
        return str(jsmin(_joined(name)))
    return _passing_on(name, entry) if entry else str(jsmin(source(name)))


@lru_cache(maxsize=256)
def source(name: str) -> str:
    """Return a script's own text."""
    return (STATIC / name).read_text("utf-8")


@lru_cache(maxsize=len(ENTRIES))
def members(entry: str) -> dict[str, str]:
    """Return an entry's modules, the imported ones first, and what each is called in its file."""
    found: dict[str, str] = {}

    def visit(name: str) -> None:
        for statement in IMPORT.finditer(source(name)):
            visit(_beside(name, statement["path"]))
        found.setdefault(name, f"m{len(found)}")

    visit(entry)
    return found


@lru_cache(maxsize=len(ENTRIES))
def _joined(entry: str) -> str:
    names = members(entry)
    exports = [f"export {{ {', '.join(names.values())} }};\n"]
    if any(is_default for _, is_default in _exports(entry)):
        exports.append(f"export default {names[entry]}.default;\n")
    return "".join([*(_wrapped(name, entry) for name in names), *exports])


def _wrapped(name: str, entry: str) -> str:
    """Return a module as a function: what it imports are the results of others."""
    text = IMPORT.sub(lambda found: _taken(name, entry, found), source(name))
    text = LAZY.sub(lambda found: f'import("{_path(entry, _beside(name, found[1]))}")', text)
    given = [f"default: {one}" if is_default else one for one, is_default in _exports(name)]
    body = f"{EXPORT.sub('', text)}return {{ {', '.join(given)} }};"
    return f"const {members(entry)[name]} = (() => {{\n{body}\n}})();\n"


def _taken(name: str, entry: str, statement: re.Match[str]) -> str:
    module = members(entry)[_beside(name, statement["path"])]
    if statement["one"]:
        return f"const {statement['one']} = {module}.default;"
    what = statement["all"] or statement["some"]
    return f"const {what} = {module};" if what else ""


def _passing_on(name: str, entry: str) -> str:
    """Return what stands at the address of a module that an entry's file holds."""
    module = members(entry)[name]
    exports = _exports(name)
    given = [one for one, is_default in exports if not is_default]
    lines = [f'import {{ {module} }} from "{_path(name, entry)}";']
    if given:
        lines.append(f"export const {{ {', '.join(given)} }} = {module};")
    if len(given) < len(exports):
        lines.append(f"export default {module}.default;")
    return "\n".join(lines) + "\n"


def _exports(name: str) -> list[tuple[str, bool]]:
    return [(found[2], bool(found[1])) for found in EXPORT.finditer(source(name))]


def _beside(name: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))


def _path(origin: str, name: str) -> str:
    path = posixpath.relpath(name, posixpath.dirname(origin))
    return path if path.startswith(".") else f"./{path}"
