"""Decisions about inspections: states, teams, the fold of changes, digests.  Plain Python."""

import enum
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial, reduce
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from webapp.core.errors import N_, Conflict, Invalid

INSPECTORS_MIN = 2  # domain notes, process §1: field.min_inspectors, cannot be lowered


class Status(enum.Enum):
    """Where an inspection stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    CANCELLED = "cancelled"


class Act(enum.Enum):
    """What moves it on."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    CANCEL = "cancel"
    RESTORE = "restore"


STEPS: dict[tuple[Status, Act], Status] = {
    (Status.DRAFT, Act.SUBMIT): Status.SUBMITTED,
    (Status.RETURNED, Act.SUBMIT): Status.SUBMITTED,
    (Status.SUBMITTED, Act.RETURN): Status.RETURNED,
    (Status.SUBMITTED, Act.APPROVE): Status.APPROVED,
    (Status.DRAFT, Act.CANCEL): Status.CANCELLED,
    (Status.CANCELLED, Act.RESTORE): Status.DRAFT,
}
EDITABLE = frozenset({Status.DRAFT, Status.RETURNED})


def step(status: Status, act: Act) -> Status:
    """Return the state that ``act`` leads to.

    :raises Conflict: the table has no such step.
    """
    try:
        return STEPS[status, act]
    except KeyError:
        raise Conflict(
            N_("现在的状态不能进行这项操作，可能别人刚刚处理过。请刷新后查看。"), code="moved_on"
        ) from None


def check_team(
    unit_id: int, inspectors: Mapping[int, int], *, by_id: int, bureau_units: Collection[int]
) -> None:
    """Check who may inspect whom; ``inspectors`` maps each person to their own unit.

    :raises Invalid: too few, the opener is not one of them, or somebody's own unit (回避).
    """
    if unit_id not in bureau_units:
        raise Invalid(N_("请选择被督查单位"), field="unit")
    if len(inspectors) < INSPECTORS_MIN:
        raise Invalid(
            N_("督查员至少 %(least)d 人"), least=INSPECTORS_MIN, field="inspectors", code="too_few"
        )
    if by_id not in inspectors:
        raise Invalid(N_("督查员中必须有你本人"), field="inspectors", code="not_in_team")
    if unit_id in inspectors.values():
        raise Invalid(
            N_("督查员不得督查自己所在的单位，应当回避"),
            field="inspectors",
            code="recusal",
            remedy=N_("请更换督查员或被督查单位。"),
        )


# -- the fold of changes ----------------------------------------------------------------------


class Outcome(enum.Enum):
    """What became of a change."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


class Change(NamedTuple):
    """A value that somebody gave to a question.

    ``base`` is the id of the change it replaces (None: the question was open); ``settles`` names
    the conflicting changes that a person has decided about with this one.
    """

    id: str
    question: str
    value: Any
    base: str | None = None
    device_time: str = ""
    settles: tuple[str, ...] = ()


State = dict[str, dict[str, Any]]
Merge = Callable[[str, Any, Any], Any]


def fold(
    state: State,
    change: Change,
    *,
    by_id: int,
    at: str,
    seq: int | None,
    merge: Merge,
    known: Callable[[], Collection[str]],
) -> Outcome:
    """Lay a change onto the state, in place.

    The common case (the change replaces what is there) looks nothing up.  ``known`` returns the
    ids of all changes ever stored, asked only when a change seems out of turn.  ``merge`` unites
    two values of one question where that loses nothing, else returns None.  ``seq`` is None for
    a change that gets its number when it is written (see ``number``).

    An entry's ``same`` are later changes that gave its value again: whoever did has seen it.
    """
    entry = state.get(change.question)
    told = {"v": change.value, "id": change.id, "by": by_id, "at": at, "seq": seq}
    if entry is None:
        state[change.question] = told
        return Outcome.APPLIED
    also = [other for other in entry.get("also", ()) if other["id"] != change.base]
    if change.base == entry["id"] or change.base in entry.get("same", ()):
        left = [other for other in also if other["id"] not in change.settles]
        state[change.question] = _beside(told, left)
        return Outcome.APPLIED
    if change.id == entry["id"] or change.id in known():
        return Outcome.DUPLICATE
    if change.value == entry["v"]:
        same = {"same": [*entry.get("same", ()), change.id]}
        state[change.question] = _beside(entry | same, also)
        return Outcome.APPLIED
    if united := _united(entry, change, merge):
        state[change.question] = _beside(told | united, also)
        return Outcome.APPLIED
    state[change.question] = _beside(entry, [*also, told])
    return Outcome.CONFLICT


def number(state: State, seq: int) -> None:
    """Give the changes that have no number yet theirs, in place."""
    for entry in state.values():
        for told in (entry, *entry.get("also", ())):
            if told["seq"] is None:
                told["seq"] = seq


def _beside(entry: Mapping[str, Any], also: list[dict[str, Any]]) -> dict[str, Any]:
    """Return an entry with exactly these values in conflict with it."""
    alone = {key: value for key, value in entry.items() if key != "also"}
    return alone | ({"also": also} if also else {})


def _united(entry: Mapping[str, Any], change: Change, merge: Merge) -> dict[str, Any]:
    """Return the present value and a change's as one; nothing where that would lose something.

    ``of`` keeps the parts by their changes: a phone knows only its own part, so what it says next
    replaces that part alone.  For the same reason the whole has an id that no phone made.  It is
    a list of pairs: PostgreSQL does not keep the order of an object's keys.
    """
    parts = dict(entry.get("of") or {entry["id"]: entry["v"]})
    of = {part: value for part, value in parts.items() if part != change.base}
    if change.value or change.base not in parts:
        of[change.id] = change.value
    value = reduce(partial(merge, change.question), of.values())
    if not value:
        return {}
    if len(of) == 1:
        return {"v": value, "id": next(iter(of))}
    whole = str(uuid5(NAMESPACE_OID, " ".join(of)))
    return {"v": value, "id": whole, "of": [list(part) for part in of.items()]}


def values(state: State) -> dict[str, Any]:
    """Return the plain answers of a state."""
    return {question: entry["v"] for question, entry in state.items() if entry["v"] is not None}


def texts(value: Any) -> Iterator[str]:
    """Yield every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def conflicts(state: State) -> list[str]:
    """Return the questions with two values that a person must settle."""
    return [question for question, entry in state.items() if entry.get("also")]


# -- digests ----------------------------------------------------------------------------------
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(parts: Any) -> str:
    """Return the SHA-256 of a JSON value in canonical form (RFC 8785 for what we store)."""
    return sha256(CANONICAL.encode(parts).encode()).hexdigest()


def shown_digest(
    *, inspection: str, checklist_sha256: str, unit_id: int, inspectors: Iterable[int],
    answers: Mapping[str, Any],
) -> str:  # fmt: skip
    """Return the digest of exactly what a signer sees."""
    return digest(
        {
            "inspection": inspection,
            "checklist": checklist_sha256,
            "unit": unit_id,
            "inspectors": sorted(inspectors),
            "answers": dict(answers),
        }
    )


class SignatureRole(enum.Enum):
    """For whom a signature stands."""

    INSPECTOR = "inspector"
    UNIT = "unit"


class SignatureMethod(enum.Enum):
    """How it was given."""

    DRAWN = "drawn"
    TYPED = "typed"
    REFUSED = "refused"


def unsigned(
    inspectors: Collection[int], signatures: Iterable[tuple[SignatureRole, int | None]]
) -> list[tuple[SignatureRole, int | None]]:
    """Return whose valid signature is missing: each inspector, and the unit (or its refusal)."""
    given = set(signatures)
    wanted: list[tuple[SignatureRole, int | None]] = [
        (SignatureRole.INSPECTOR, user_id) for user_id in inspectors
    ]
    unit_given = any(role is SignatureRole.UNIT for role, _ in given)
    missing = [who for who in wanted if who not in given]
    return missing if unit_given else [*missing, (SignatureRole.UNIT, None)]
