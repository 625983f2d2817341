"""CEL expressions: compiled once, true or not, never an error while people type.

``static/js/fill/conditions.js`` answers the same on the phone; ``tests/vectors/conditions.json``
holds both to it.
"""

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
    try:
        return compiled(expression).execute(dict(variables)) is True
    except (ValueError, TypeError, RuntimeError, OverflowError, ArithmeticError, LookupError):
        return False
