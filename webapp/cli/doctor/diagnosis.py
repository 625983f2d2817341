"""What a check says: a state, what it found, and how to mend it, in both languages.

The two languages stand side by side here, not in the catalogue of translations: the doctor must
still speak when half of the product does not load.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webapp.core.config import Settings


@dataclass(frozen=True)
class Words:
    """The same sentence in Chinese and in English."""

    zh: str
    en: str


def same(text: str) -> Words:
    """Return words that need no translation."""
    return Words(text, text)


class State(Enum):
    """How a thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Result:
    """What a check found; ``remedy`` is missing only where nothing is to be done."""

    state: State
    found: Words
    remedy: Words | None = None


Check = Callable[["Settings"], Result]


def ok(found: Words) -> Result:
    """Return that all is well."""
    return Result(State.OK, found)


def warn(found: Words, remedy: Words) -> Result:
    """Return that the product runs, but not as it should."""
    return Result(State.WARN, found, remedy)


def fail(found: Words, remedy: Words) -> Result:
    """Return that something does not work."""
    return Result(State.FAIL, found, remedy)
