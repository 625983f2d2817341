"""CEL expressions: compiled once, true or not, never an error while people type.

``static/js/fill/conditions.js`` answers the same on the phone; ``tests/vectors/conditions.json``
holds both to it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import cel


@lru_cache(maxsize=4096)
def compiled(expression: str) -> cel.Program:
    """Return the compiled expression.

    :raises ValueError: it is not CEL.
    """
    return cel.compile(expression)


def holds(expression: str, variables: Mapping[str, Any]) -> bool:
    """Say whether ``expression`` is true; numbers among ``variables`` are doubles.

    One that touches an unanswered question, mixes kinds or does not compile is not true.
    """
    seen = tuple(name for name in _names(expression) if name in variables)
    values = [variables[name] for name in seen]
    try:
        return _holds(expression, seen, *values)
    except TypeError:  # a list or a map: nothing to remember it by
        return _holds.__wrapped__(expression, seen, *values)


@lru_cache(maxsize=4096)
def _names(expression: str) -> tuple[str, ...]:
    """Return every word in an expression: all that it can refer to, and then some."""
    return tuple(dict.fromkeys(re.findall(r"[A-Za-z_]\w*", expression)))


@lru_cache(maxsize=4096, typed=True)
def _holds(expression: str, names: tuple[str, ...], *values: Any) -> bool:
    """Say it, remembered: most expressions only look at one of three verdicts."""
    try:
        return compiled(expression).execute(dict(zip(names, values, strict=True))) is True
    except (ValueError, TypeError, RuntimeError, OverflowError, ArithmeticError, LookupError):
        return False
