"""Rows of the same few questions: trips, receptions, reports."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions.base import FormData, Kind, Value
from webapp.core.errors import N_, Invalid

MOST_ROWS = 200

_NOT_ROWS = N_("表格应为若干行的列表")
_TOO_MANY = N_("表格最多 %(most)d 行，现在有 %(count)d 行，请删减或分次填写")
_NO_ROW_ID = N_("第 %(row)d 行没有可用的行号")
_TWICE = N_("第 %(row)d 行的行号与前面的行重复")
_NO_SUCH_COLUMN = N_("第 %(row)d 行有表格中没有的列 %(column)s")

_ROW_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"


class Table(Kind):
    """Tables; stored as ``[{"row": id, "<column>": value}]`` without empty cells and rows.

    An input is called ``<id>-<row>-<column>``; rows come in the order of the page.  A refusal's
    ``field`` is that name, its ``row`` the place of the row (from 1), its ``column`` an id.
    """

    name: ClassVar[KindName] = "table"
    many = True
    uses = frozenset({"columns"})
    needs = frozenset({"columns"})

    def __init__(self, cells: Mapping[str, Kind]) -> None:
        self.cells = cells

    def parse(self, question: Question, raw: object) -> list[dict[str, Value]] | None:
        """Read the rows and each cell by its column's kind."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, list):
            raise Invalid(_NOT_ROWS, field=question.id)
        if len(raw) > MOST_ROWS:
            raise Invalid(_TOO_MANY, field=question.id, most=MOST_ROWS, count=len(raw))
        _refuse_bad_rows(question, raw)
        rows = [self._row(question, row, place) for place, row in enumerate(raw, 1)]
        return [row for row in rows if len(row) > 1] or None

    def is_complete(self, question: Question, value: Value) -> bool:
        """Say whether every row has its required cells."""
        needed = [column.id for column in question.columns if column.required]
        return all(column in row for row in value for column in needed)

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return a line for each row: ``1. 日期：2026年3月5日；号牌：赣A12345``."""
        return "\n".join(
            f"{place}. {self._row_text(question, row, lang)}"
            for place, row in enumerate(value or (), 1)
        )

    def cel(self, question: Question, value: Value) -> Any:
        """Return the rows as maps; an empty cell is absent (``has(row.plate)``)."""
        kinds = {column.id: (self.cells[column.kind], column) for column in question.columns}
        return [
            {k: kinds[k][0].cel(kinds[k][1], v) if k in kinds else v for k, v in row.items()}
            for row in value
        ]

    def merge(self, one: Value | None, other: Value | None) -> Value | None:
        """Return the rows of both, unless a row differs between them."""
        if not one or not other:
            return None
        rows = {row["row"]: row for row in one}
        if any(rows.get(row["row"], row) != row for row in other):
            return None
        united = list((rows | {row["row"]: row for row in other}).values())
        return united if len(united) <= MOST_ROWS else None

    def raw(self, question: Question, value: Value | None) -> Any:
        """Return the rows with what stands in each input."""
        return [
            {"row": row["row"]}
            | {c.id: self.cells[c.kind].raw(c, row.get(c.id)) for c in question.columns}
            for row in value or ()
        ]

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return the rows whose inputs were sent."""
        return [
            {"row": row}
            | {
                c.id: self.cells[c.kind].gather(c, form, f"{name}-{row}-{c.id}")
                for c in question.columns
            }
            for row in _rows_sent(question, form, name)
        ]

    def was_sent(self, question: Question, form: FormData, name: str) -> bool:
        """Say whether the page had the table: a row of it, or an empty input of its name."""
        return name in form or bool(_rows_sent(question, form, name))

    def where(self, question: Question, refusal: Invalid, lang: str) -> str:
        """Return ``第 2 行“号牌”：``."""
        label = next(
            (c.label.in_(lang) for c in question.columns if c.id == refusal.params.get("column")),
            None,
        )
        if label is None:
            return ""
        row = refusal.params["row"]
        return f"Row {row}, {label}: " if lang[:2] == "en" else f"第 {row} 行“{label}”："

    def _row(self, question: Question, row: Mapping[str, object], place: int) -> dict[str, Value]:
        read: dict[str, Value] = {"row": row["row"]}
        for column in question.columns:
            try:
                value = self.cells[column.kind].parse(column, row.get(column.id))
            except Invalid as refusal:
                where = {"field": f"{question.id}-{row['row']}-{column.id}", "row": place}
                params = {**refusal.params, **where, "column": column.id}
                raise Invalid(refusal.message, code=refusal.code, **params) from None
            if value is not None:
                read[column.id] = value
        return read

    def _row_text(self, question: Question, row: Mapping[str, Value], lang: str) -> str:
        colon, semicolon = (": ", "; ") if lang[:2] == "en" else ("：", "；")
        return semicolon.join(
            f"{c.label.in_(lang)}{colon}{self.cells[c.kind].text(c, row[c.id], lang)}"
            for c in question.columns
            if c.id in row
        )


def _refuse_bad_rows(question: Question, rows: list[object]) -> None:
    known = {"row", *(column.id for column in question.columns)}
    seen: set[str] = set()
    for place, row in enumerate(rows, 1):
        if not isinstance(row, Mapping):
            raise Invalid(_NOT_ROWS, field=question.id)
        row_id = row.get("row")
        if not isinstance(row_id, str) or not re.fullmatch(_ROW_ID, row_id):
            raise Invalid(_NO_ROW_ID, field=question.id, row=place)
        if row_id in seen:
            raise Invalid(_TWICE, field=question.id, row=place)
        unknown = sorted(str(key)[:40] for key in row if key not in known)
        if unknown:
            raise Invalid(_NO_SUCH_COLUMN, field=question.id, row=place, column=unknown[0])
        seen.add(row_id)


def _rows_sent(question: Question, form: FormData, name: str) -> list[str]:
    columns = "|".join(re.escape(column.id) for column in question.columns)
    cell = re.compile(rf"{re.escape(name)}-({_ROW_ID}?)-(?:{columns})(?:-.*)?")
    found = (cell.fullmatch(key) for key in form if isinstance(key, str))
    return list(dict.fromkeys(match[1] for match in found if match))
