"""What formal documents (公文) share: red head, title, body, 版记, and what all are asked.

Source: 《党政机关公文格式》 GB/T 9704—2012 for the layout.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.checklists.definitions import Question, Text
from webapp.documents.kinds.base import ask
from webapp.documents.kinds.drawing import numeral
from webapp.documents.snapshot import Drafted, Said, Snapshot

TYPE_AREA_PT = 442.2  # 156 mm
CHARACTER_PT = TYPE_AREA_PT / 28
DATE_PT = 7 * CHARACTER_PT  # about as wide as 2026年11月24日 is
MARK_LARGEST_PT = 42.0
TITLE_LINE = 20  # characters of 22 pt in the type area
WORDS = ("开展", "专项", "督查", "整改", "反馈", "情况", "通知")  # a line may begin with one
HEADING_MOST = 40  # characters; a longer line that begins like a heading is a paragraph
STYLES = ("document", "formal")
TITLE = ask("title", "short_text", "标题", "Title", max_length=60)
ADDRESSEE = ask("addressee", "short_text", "主送", "Addressed to", max_length=100)
COPIES = ask(
    "copies", "long_text", "抄送", "Copies to", required=False,
    hint=Text(zh="每行一个机关；没有就留空。", en="One office a line; leave empty for none."),
)  # fmt: skip
_LEVEL_1 = re.compile(r"[一二三四五六七八九十]+、")
_LEVEL_2 = re.compile(r"（[一二三四五六七八九十]+）")


@dataclass(frozen=True)
class Line:
    """One paragraph of a body: a heading of the first or second level, or text (0)."""

    level: int
    text: str


@dataclass(frozen=True)
class Annex:
    """A table on a page of its own behind the body: its title, heads and rows.

    ``numbered``: the first column numbers the rows.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbered: bool = False


def layout(
    paper: Snapshot, *, copies: Iterable[str] = (), printed_on: str = ""
) -> dict[str, object]:
    """Return what the shell ``_formal.html`` needs of every formal document."""
    return {
        "title": title_lines(paper.title),
        "mark_pt": mark_size_pt(paper.bureau.mark),
        "closing_pt": closing_pt(paper.bureau.signatory or paper.bureau.name),
        "numeral": numeral,
        "copies": tuple(copies),
        "printed_on": printed_on or paper.issued_on_text,
        "annexes": (),
        "signed_off_by": "",
    }


def drafted(
    paper: Drafted, parts: Iterable[tuple[str, str]], *, annexes: Sequence[Annex] = ()
) -> dict[str, object]:
    """Return what the shell needs of a drafted one.

    ``parts`` are headings with the texts under them; an empty text is left out with its heading,
    a text without heading stands as it is.
    """
    copies = paper.said["copies"].text if "copies" in paper.said else ""
    named = [one.strip("　 。，") for one in copies.splitlines() if one.strip()]
    return layout(paper, copies=named) | {
        "addressee": paper.said["addressee"].text if "addressee" in paper.said else "",
        "body": tuple(body(parts)),
        "annexes": annexes,
    }  # fmt: skip


def body(parts: Iterable[tuple[str, str]]) -> Iterable[Line]:
    """Yield the paragraphs of a body, its headings numbered in Chinese."""
    number = 0
    for heading, text in parts:
        told = [line.strip() for line in text.splitlines() if line.strip()]
        if told and heading:
            number += 1
            yield Line(1, f"{numeral(number)}、{heading}")
        yield from (Line(_level(line), line) for line in told)


def _level(line: str) -> int:
    """Say which heading a typed line is: 一、 or （一） begins one, if it is short, no sentence."""
    if len(line) > HEADING_MOST or line.endswith(("。", "；", "：")):
        return 0
    return 1 if _LEVEL_1.match(line) else 2 if _LEVEL_2.match(line) else 0


def mark_size_pt(mark: str) -> float:
    """Return the size at which the red name fills its line without breaking."""
    return round(min(MARK_LARGEST_PT, TYPE_AREA_PT * 0.985 / max(1, len(mark))), 2)


def closing_pt(signatory: str) -> float:
    """Return how far the date stands from the right edge: four characters (右空四字), or more where
    a long name, centred over it, would leave the page.
    """  # noqa: D205 - one sentence
    beside = (len(signatory) * CHARACTER_PT - DATE_PT) / 2
    return round(max(4 * CHARACTER_PT, beside), 2)


def title_lines(title: str) -> list[str]:
    """Break a title into lines of sense: after 的 or a mark where one is near the middle.

    A line feed in the title decides instead.
    """
    lines = title.split("\n")
    if len(lines) > 1 or len(title) <= TITLE_LINE:
        return [line.strip() for line in lines if line.strip()]
    count = -(-len(title) // TITLE_LINE)
    ideal = len(title) / count
    places = range(
        max(4, len(title) - TITLE_LINE * (count - 1)), min(TITLE_LINE, len(title) - 4) + 1
    )
    cut = min(places, key=lambda at: abs(at - ideal) - _sense(title, at))
    return [title[:cut], *title_lines(title[cut:])]


def _sense(title: str, at: int) -> int:
    """Say how many characters off the middle a break is worth."""
    if title[at - 1] in "的、，》）":
        return 7
    return 5 if title[at : at + 2] in WORDS else 0


def period(told: Mapping[str, str]) -> str:
    """Return the days from ``from_on`` to ``to_on`` in words."""
    first, last = told["from_on"], told["to_on"]
    return first if first == last else f"{first}至{last}"


def annex(title: str, table: Said) -> Annex:
    """Return an answered table as an annex, its rows numbered."""
    columns = ("序号", *(label for _, label in table.columns))
    rows = tuple(
        (str(number), *(row[key] for key, _ in table.columns))
        for number, row in enumerate(table.rows, start=1)
    )
    return Annex(title, columns, rows, numbered=True)


def questions(*own: Question, addressee: Question = ADDRESSEE) -> tuple[Question, ...]:
    """Return what a formal document asks: title and addressee first, copies last."""
    return (TITLE, addressee, *own, COPIES)
