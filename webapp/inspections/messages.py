"""The shapes of what phones and programs send and get (docs/sync.md)."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.inspections.rules import SignatureMethod, SignatureRole

ShortText = Annotated[str, Field(max_length=200)]


class Message(BaseModel):
    """Something sent: unknown keys are refused, so that a typing error is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class InspectionBody(Message):
    """An inspection to open; the item's id becomes its id."""

    checklist: ShortText
    unit: int
    inspectors: list[int] = Field(max_length=20)
    planned_on: date | None = None


class ChangeBody(Message):
    """One value for one question; ``base`` is the id of the change it replaces."""

    id: UUID
    question: ShortText
    value: Any = None
    base: UUID | None = None
    settles: list[UUID] = Field(default_factory=list, max_length=20)
    device_time: ShortText = ""


class ChangesBody(Message):
    """Changes to one inspection, in the order in which they were made."""

    inspection: UUID
    changes: list[ChangeBody] = Field(max_length=2000)


class Strokes(Message):
    """A drawn signature: SVG path data in a box of ``width`` × ``height`` CSS pixels."""

    path: Annotated[str, Field(max_length=200_000, pattern=r"^[MLCQZ0-9eE ,.\-]*$")]
    width: Annotated[float, Field(gt=0, le=4000)]
    height: Annotated[float, Field(gt=0, le=4000)]


class SignatureBody(Message):
    """A signature or refusal, bound to the ``digest`` that the inspection showed."""

    inspection: UUID
    role: SignatureRole
    signer: int | None = None
    name: ShortText
    position: ShortText = ""
    method: SignatureMethod
    strokes: Strokes | None = None
    reason: Annotated[str, Field(max_length=1000)] = ""
    witness: ShortText = ""
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SubmissionBody(Message):
    """Hand an inspection in; the item's id becomes the submission's."""

    inspection: UUID


BODIES: dict[str, type[Message]] = {
    "inspection": InspectionBody,
    "changes": ChangesBody,
    "signature": SignatureBody,
    "submission": SubmissionBody,
}


class Item(BaseModel):
    """One thing to do; its id makes doing it twice harmless."""

    model_config = ConfigDict(frozen=True)
    id: UUID
    kind: Literal["inspection", "changes", "signature", "submission"]
    body: dict[str, Any]
    device_time: ShortText = ""


class SyncRequest(BaseModel):
    """What a phone sends: what is waiting, and how far it has read."""

    model_config = ConfigDict(frozen=True)
    device: ShortText = ""
    cursor: int = 0
    items: list[Item] = Field(default_factory=list, max_length=200)


class Problem(BaseModel):
    """An RFC 9457 problem."""

    status: int
    code: str
    title: str
    field: str | None = None
    remedy: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)


class ChangeResult(BaseModel):
    """What became of one change."""

    id: str
    question: str
    status: Literal["applied", "duplicate", "conflict", "refused"]
    problem: Problem | None = None


class ItemResult(BaseModel):
    """What became of one item; ``receipt`` is the SHA-256 of what is stored."""

    id: UUID
    status: Literal["applied", "duplicate", "conflict", "refused"]
    receipt: str | None = None
    changes: list[ChangeResult] = Field(default_factory=list)
    problem: Problem | None = None


class News(BaseModel):
    """Changes that others made to an inspection of mine."""

    seq: int
    inspection: UUID
    by: int
    changes: list[dict[str, Any]]


class SyncResponse(BaseModel):
    """The results in the order of the items, and what is new since the cursor."""

    cursor: int
    results: list[ItemResult]
    news: list[News]
