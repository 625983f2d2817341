"""What a well-formed checklist may still get wrong: names that clash, references, expressions."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from webapp.checklists.conditions import compiled
from webapp.checklists.definitions import Checklist, Item, Question, Section
from webapp.checklists.questions import CELLS, KINDS

FUNCTIONS = frozenset(
    {
        *("!_", "-_", "_+_", "_-_", "_*_", "_/_", "_%_", "_&&_", "_||_", "_?_:_", "_[_]", "@in"),
        *("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "@not_strictly_false"),
        *("size", "double", "timestamp", "duration", "getHours"),
        *("startsWith", "endsWith", "contains"),
    }
)
"""What expressions may use: where both engines agree."""

_STRINGS = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""")
_INTEGER = re.compile(r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|[0-9]+)[uU]?(?![\w.])")
_SIZE = re.compile(r"\bsize\s*\(")
_DOUBLE_SIZE = re.compile(
    r"\bdouble\(\s*size\(\s*(\w+)\s*\)\s*\)|\bdouble\(\s*(\w+)\.size\(\)\s*\)"
)
_BOUND = re.compile(r"\.(?:all|exists)\(\s*(\w+)\s*,")
_DAY = {"day": "date"}
_ONLY_SOME = ("minimum", "maximum", "unit", "options", "columns", "max_length")


def within(checklist: Checklist) -> Iterator[str]:
    """Yield what is wrong inside one checklist, each as "place: key: problem"."""
    yield from _twice("section", (section.id for section in checklist.sections))
    yield from _twice("item", (item.id for item in checklist.items))
    yield from _twice("question", (q.id for q in checklist.questions if q.id != q.item_id))
    yield from _prefixes(checklist)
    for section in checklist.sections:
        yield from _section(section)
    for item in checklist.items:
        yield from _item(item, checklist)
    used = {key for item in checklist.items for key in item.figure_keys}
    yield from (
        f"figures: {key}: no rule uses it" for key in sorted(checklist.figures.keys() - used)
    )


def across(checklists: Mapping[str, Checklist]) -> Iterator[str]:
    """Yield what several files claim for themselves; keyed by file name."""
    owners: dict[str, str] = {}
    for name, checklist in checklists.items():
        claims = [f"id: {checklist.id}", f"code: {checklist.code}"]
        claims += sorted({f"item prefix: {item.id.partition('-')[0]}" for item in checklist.items})
        for claim in claims:
            owner = owners.setdefault(claim, name)
            if owner != name:
                yield f"{name}: {claim} is already used in {owner}"


def _twice(what: str, ids: Iterable[str]) -> Iterator[str]:
    for one, times in Counter(ids).items():
        if times > 1:
            yield f"{one}: id: {times} {what}s have this id"


def _prefixes(checklist: Checklist) -> Iterator[str]:
    prefixes = {item.id.partition("-")[0] for item in checklist.items}
    if not prefixes:
        yield "sections: no item in the whole checklist"
    elif checklist.code not in prefixes:
        yield f"code: no item begins with {checklist.code}-"
    for section in checklist.sections:
        first = next((item.id.partition("-")[0] for item in section.items), None)
        for item in section.items:
            if not item.id.startswith(f"{first}-"):
                yield f"{item.id}: id: must begin with {first}- like its section"


def _section(section: Section) -> Iterator[str]:
    for question in section.questions:
        yield from (f"{section.id}: {question.local}.{line}" for line in _question(question))
    yield from (f"{section.id}: {line}" for line in _conditions(section.questions))


def _item(item: Item, checklist: Checklist) -> Iterator[str]:
    for basis in item.basis:
        if basis.law not in checklist.laws:
            yield f"{item.id}: basis: {basis.law} is not among the laws"
    for field in item.fields:
        yield from (f"{item.id}: fields.{field.local}.{line}" for line in _question(field))
        if field.local == "photos" and field.kind != "photo":
            yield f"{item.id}: fields.photos.kind: must be photo"
    yield from (f"{item.id}: fields.{line}" for line in _conditions(item.questions))
    if item.suspect_if:
        known = _DAY | {question.local: question.kind for question in item.questions}
        known |= {"policy": "figures"} if item.figure_keys else {}
        yield from (f"{item.id}: suspect_if: {line}" for line in expression(item.suspect_if, known))
    for key in item.figure_keys:
        if key not in checklist.figures:
            yield f"{item.id}: suspect_if: {key} is not among the figures"
    if item.figures_on and not any(
        field.local == item.figures_on and field.kind == "date" for field in item.fields
    ):
        yield f"{item.id}: figures_on: no date called {item.figures_on} is asked here"


def _question(question: Question) -> Iterator[str]:
    kind = KINDS[question.kind]
    for key in _ONLY_SOME:
        given = getattr(question, key) not in (None, ())
        if given and key not in kind.uses:
            yield f"{key}: means nothing for {question.kind}"
        if not given and key in kind.needs:
            yield f"{key}: is missing"
    if None not in (question.minimum, question.maximum) and question.minimum > question.maximum:  # type: ignore[operator]
        yield "minimum: is greater than maximum"
    if not kind.answerable and (question.required or question.required_if):
        yield "required: nothing can be answered here"
    yield from (f"options: {line}" for line in _twice("option", (o.id for o in question.options)))
    yield from (f"columns: {line}" for line in _twice("column", (c.id for c in question.columns)))
    for column in question.columns:
        yield from (f"columns.{column.id}.{line}" for line in _column(column))


def _column(column: Question) -> Iterator[str]:
    if column.id == "row" or "." in column.id:
        yield "id: cannot be a column's name"
    if column.kind not in CELLS:
        yield f"kind: a column cannot be {column.kind}"
        return
    if column.required_if or column.shown_if:
        yield "required_if: columns have no conditions"
    yield from _question(column)


def _conditions(questions: tuple[Question, ...]) -> Iterator[str]:
    """Yield what is wrong with the conditions of questions that see one another."""
    everything = _DAY | {question.local: question.kind for question in questions}
    above: dict[str, str] = dict(_DAY)
    for question in questions:
        if question.shown_if:
            for line in expression(question.shown_if, above, "stands above it"):
                yield f"{question.local}.shown_if: {line}"
        if question.required_if:
            for line in expression(question.required_if, everything):
                yield f"{question.local}.required_if: {line}"
        above[question.local] = question.kind


def expression(
    source: str, known: Mapping[str, str], claim: str = "is asked here"
) -> Iterator[str]:
    """Yield what is wrong with one CEL expression; ``known`` has its variables' kinds."""
    try:
        program = compiled(source)
    except ValueError as error:
        yield f"is not CEL: {str(error).partition('ERROR: ')[2].partition(chr(10))[0] or error}"
        return
    bare = _STRINGS.sub('""', source)
    bound = set(_BOUND.findall(bare))
    for name in sorted(set(program.variables()) - set(known) - bound):
        yield f"no question called {name} {claim}"
    for name in sorted(set(program.functions()) - FUNCTIONS):
        yield f"{name} may not be used; the phone could answer otherwise"
    for found in _INTEGER.finditer(bare):
        yield f"write {found[0].rstrip('uU')}.0 instead of {found[0]}; every number is a double"
    yield from _sizes(bare, known)
    for name in sorted(bound):
        yield from _cells(bare, name)


def _sizes(bare: str, known: Mapping[str, str]) -> Iterator[str]:
    counted = [one or other for one, other in _DOUBLE_SIZE.findall(bare)]
    if len(counted) != len(_SIZE.findall(bare)):
        yield "write double(size(name)); every number is a double"
    for name in counted:
        if name in known and not KINDS[known[name]].many:
            yield f"size({name}): only photos, rows and several choices can be counted"


def _cells(bare: str, row: str) -> Iterator[str]:
    """Both engines stumble over an empty cell, each in its own way."""
    read = set(re.findall(rf"\b{row}\.(\w+)", bare))
    guarded = set(re.findall(rf"\bhas\(\s*{row}\.(\w+)\s*\)", bare))
    for column in sorted(read - guarded):
        yield f"write has({row}.{column}) first; a cell may be empty"
