"""Chinese search by pairs of characters, the same hits on SQLite and PostgreSQL.

A text is normalised (NFKC, lower case, one space for white space) and indexed by every two
neighbouring characters, so that a word of two characters is found at once and a longer one is the
run of its pairs.  Whatever the index says, a hit counts only where the text really contains the
word: both databases therefore answer as ``LIKE '%word%'`` would.

SQLite: FTS5 without its own copy of the text (``content=''``); a pair is written as hexadecimal, so
that no character means anything to the tokenizer or the query language, and a phrase of pairs is
the substring.  PostgreSQL: an array of pairs under GIN, read behind a fence (``OFFSET 0``), since
the planner otherwise may walk the whole archive.
"""

import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import TEXT, BigInteger, ColumnElement, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from webapp.archive.models import ArchiveRecord

END = "\n"  # between the parts of a text and after the last: no word crosses it
QUERY_MAX = 100
WORDS_MAX = 8


def normalised(value: str) -> str:
    """Return a text as it is searched; what no database takes (NUL, half a pair) is left out."""
    sound = value.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
    return " ".join(unicodedata.normalize("NFKC", sound).casefold().split())


def searchable(parts: Iterable[str]) -> str:
    """Return the text that is kept for search."""
    return "".join(f"{part}{END}" for part in map(normalised, parts) if part)


def words_of(query: str) -> list[str]:
    """Return the words of what somebody typed, each once; the rest of a flood is left out."""
    return list(dict.fromkeys(normalised(query[:QUERY_MAX]).split()))[:WORDS_MAX]


def index(session: Session, record: ArchiveRecord) -> None:
    """Make a new record findable; belongs to the transaction that makes it."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(
            text("INSERT INTO archive_search(rowid, pairs) VALUES (:id, :pairs)"),
            {"id": record.id, "pairs": " ".join(map(_hex, _pairs(record.search_text)))},
        )
        return
    grams = sorted({*_pairs(record.search_text), *record.search_text} - {END})
    session.execute(
        text(
            "INSERT INTO archive_search(id, pairs) VALUES (:id, :pairs)"
            " ON CONFLICT (id) DO UPDATE SET pairs = excluded.pairs"
        ),
        {"id": record.id, "pairs": grams},
    )


def contains(session: Session, words: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return the conditions under which an archive record has all of these words."""
    if not words:
        return []
    if session.get_bind().dialect.name == "sqlite":
        hits = text("SELECT rowid FROM archive_search WHERE archive_search MATCH :match").columns(
            rowid=BigInteger
        )
        found = select(hits.bindparams(match=_match(words)).subquery("hits").c.rowid)
        sure = [func.instr(ArchiveRecord.search_text, word) > 0 for word in words]
    else:
        grams = sorted({gram for word in words for gram in (_pairs(word) or [word])})
        hits = text("SELECT id FROM archive_search WHERE pairs @> :grams OFFSET 0").columns(
            id=BigInteger
        )
        bound = hits.bindparams(bindparam("grams", grams, type_=ARRAY(TEXT)))
        found = select(bound.subquery("hits").c.id)
        sure = [func.strpos(ArchiveRecord.search_text, word) > 0 for word in words]
    return [ArchiveRecord.id.in_(found), *sure]


def _pairs(value: str) -> list[str]:
    return [value[place : place + 2] for place in range(len(value) - 1)]


def _hex(pair: str) -> str:
    return "x".join(f"{ord(character):x}" for character in pair)


def _match(words: Iterable[str]) -> str:
    """Return the FTS5 query: a phrase for each word, a prefix for a single character."""
    return " AND ".join(
        f'"{" ".join(map(_hex, _pairs(word)))}"' if len(word) > 1 else f'"{ord(word):x}x" *'
        for word in words
    )
