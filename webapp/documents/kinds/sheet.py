"""What filled-in sheets share (审批单、回证、报告表): answers in parts, by label."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from webapp.documents.kinds import working
from webapp.documents.snapshot import Drafted, Said

NOTHING = "（无）"
Part = tuple[str, tuple[str, ...]]  # a heading, and the ids of the questions under it


@dataclass(frozen=True)
class Block:
    """A stretch of answers to print: lines of label and text, or one table."""

    lines: tuple[Said, ...] = ()
    table: Said | None = None


def layout(
    paper: Drafted, parts: Iterable[Part], *, names: Mapping[str, str] | None = None,
    by_hand: Container[str] = (),
) -> dict[str, object]:  # fmt: skip
    """Return what the shell ``_sheet.html`` needs.

    What nobody answered is said to be nothing, for an empty place invites later words; only those
    ``by_hand`` stay open.
    """
    filled = [(heading, list(_blocks(paper, ids, by_hand))) for heading, ids in parts]
    return working.layout(paper, names=names) | {"chapters": filled}


def _blocks(paper: Drafted, ids: Iterable[str], by_hand: Container[str]) -> Iterable[Block]:
    lines: list[Said] = []
    for each in ids:
        answer = paper.said[each]
        if not answer.columns:
            is_open = each in by_hand or answer.text.strip()
            lines.append(answer if is_open else answer.model_copy(update={"text": NOTHING}))
            continue
        if lines:
            yield Block(lines=tuple(lines))
            lines = []
        yield Block(table=answer)
    if lines:
        yield Block(lines=tuple(lines))
