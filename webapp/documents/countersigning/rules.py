"""Decisions about who signs a paper.  Plain Python."""

import enum
from collections.abc import Sequence

OTHER_SIDE = frozenset({"unit_head", "spoken_to", "responsible"})
TEAM = frozenset({"inspector", "recorder"})
SEAL = "seal"


class Method(enum.Enum):
    """How a signature was given."""

    DRAWN = "drawn"
    TYPED = "typed"
    REFUSED = "refused"


class Way(enum.Enum):
    """In what capacity somebody may sign now: in person, or taking down another's signature."""

    OWN = "own"
    ATTENDED = "attended"


def member(printed: str, names: Sequence[str], taken: int) -> int:
    """Return which member of a team signs: whose name is printed there, else the next in order."""
    for place, name in enumerate(names):
        if printed and printed.startswith(name):
            return place
    return min(taken, len(names) - 1)


def field_of(place: int) -> str:
    """Return the name of the signature field of a place in the order (from 0)."""
    return f"Signer{place + 1}"
