"""What filled-in sheets share (审批单、回证、报告表): answers in parts, by label."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.documents.kinds import working
from webapp.documents.snapshot import Drafted, Said

Part = tuple[str, tuple[str, ...]]  # a heading, and the ids of the questions under it


@dataclass(frozen=True)
class Block:
    """A stretch of answers to print: lines of label and text, or one table."""

    lines: tuple[Said, ...] = ()
    table: Said | None = None


def layout(
    paper: Drafted, parts: Iterable[Part], *, names: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Return what the shell ``_sheet.html`` needs."""
    filled = [(heading, list(_blocks(paper, ids))) for heading, ids in parts]
    return working.layout(paper, names=names) | {"chapters": filled}


def _blocks(paper: Drafted, ids: Iterable[str]) -> Iterable[Block]:
    lines: list[Said] = []
    for each in ids:
        answer = paper.said[each]
        if not answer.columns:
            lines.append(answer)
            continue
        if lines:
            yield Block(lines=tuple(lines))
            lines = []
        yield Block(table=answer)
    if lines:
        yield Block(lines=tuple(lines))
