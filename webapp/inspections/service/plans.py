"""Acts in two halves: what one amounts to is worked out before anybody must wait for it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Generic, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def _nothing() -> None:
    """Write nothing: it was done before."""


@dataclass(frozen=True)
class Plan(Generic[T]):
    """An act that is decided but so far only in memory: its result, and how to write it.

    It was decided on what was read then.  Whoever writes it later, in a transaction of its own,
    makes sure that the inspection is still at the revision it was read at.
    """

    result: T
    write: Callable[[], None] = _nothing

    def done(self) -> T:
        """Write it and return the result."""
        self.write()
        return self.result


def at_once(plan: Callable[P, Plan[T]]) -> Callable[P, T]:
    """Return the whole act of a plan: decided and written in the running transaction."""

    @wraps(plan)
    def act(*args: P.args, **kwargs: P.kwargs) -> T:
        return plan(*args, **kwargs).done()

    return act
