"""The shapes of what phones and programs send and get (docs/sync.md)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, NotRequired, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

from webapp.checklists.definitions import Checklist
from webapp.core.wire import Problem
from webapp.devices import rules as devices
from webapp.inspections.rules import SignatureMethod, SignatureRole, Status

ITEMS_MAX = 200
SAFE_INTEGER = 2**53 - 1  # what JavaScript counts exactly; every database holds it

Plain = Field(pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
ShortText = Annotated[str, Field(max_length=200), Plain]
Id = Annotated[int, Field(strict=True, ge=0, le=SAFE_INTEGER)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Outcome: TypeAlias = Literal["applied", "duplicate", "conflict", "refused"]


class Message(BaseModel):
    """Something sent: unknown keys are refused, so that a typing error is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class InspectionBody(Message):
    """An inspection to open; the item's id becomes its id.

    ``version`` is the one that the phone has filled in; the newest when left out.
    """

    checklist: ShortText
    version: Id | None = None
    unit: Id
    inspectors: list[Id] = Field(max_length=20)
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
    width: Annotated[float, Field(strict=True, gt=0, le=4000)]
    height: Annotated[float, Field(strict=True, gt=0, le=4000)]


class SignatureBody(Message):
    """A signature or refusal, bound to the ``digest`` that the inspection showed."""

    inspection: UUID
    role: SignatureRole
    signer: Id | None = None
    name: ShortText
    position: ShortText = ""
    method: SignatureMethod
    strokes: Strokes | None = None
    reason: Annotated[str, Field(max_length=1000), Plain] = ""
    witness: ShortText = ""
    digest: Sha256


class SubmissionBody(Message):
    """Hand an inspection in; the item's id becomes the submission's."""

    inspection: UUID


BODIES: dict[str, type[Message]] = {
    "inspection": InspectionBody,
    "changes": ChangesBody,
    "signature": SignatureBody,
    "submission": SubmissionBody,
}


class InspectionItem(Message):
    """Open an inspection."""

    id: UUID
    kind: Literal["inspection"]
    body: InspectionBody
    device_time: ShortText = ""


class ChangesItem(Message):
    """Record changes."""

    id: UUID
    kind: Literal["changes"]
    body: ChangesBody
    device_time: ShortText = ""


class SignatureItem(Message):
    """Sign, or record that somebody would not."""

    id: UUID
    kind: Literal["signature"]
    body: SignatureBody
    device_time: ShortText = ""


class SubmissionItem(Message):
    """Hand in."""

    id: UUID
    kind: Literal["submission"]
    body: SubmissionBody
    device_time: ShortText = ""


AnyItem: TypeAlias = Annotated[
    InspectionItem | ChangesItem | SignatureItem | SubmissionItem, Field(discriminator="kind")
]


class SyncItem(Message):
    """One thing to do; its id makes doing it twice harmless.

    Its body is read when its turn comes, so that a wrong one refuses this item alone.  The
    description shows the four kinds with their bodies.
    """

    id: UUID
    kind: Literal["inspection", "changes", "signature", "submission"]
    body: dict[str, Any]
    device_time: ShortText = ""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Show each kind with its own body."""
        return handler(TypeAdapter(AnyItem).core_schema)


class Queue(Message):
    """What waits on the phone besides what it sends here, and since when."""

    waiting: Id
    oldest: AwareDatetime | None = None

    @property
    def told(self) -> devices.Queue:
        """The queue as the device's record takes it."""
        return devices.Queue(self.waiting, self.oldest)


class SyncRequest(Message):
    """What a phone sends: what is waiting, and how far it has read."""

    device: ShortText = ""
    queue: Queue | None = None
    cursor: Id = 0
    items: list[SyncItem] = Field(default_factory=list, max_length=ITEMS_MAX)


# -- answers ----------------------------------------------------------------------------------


class ChangeResult(TypedDict):
    """What became of one change; a dictionary, for there are sixty of them in a message."""

    id: UUID
    question: str
    status: Outcome
    problem: NotRequired[Problem]


class ItemResult(BaseModel):
    """What became of one item; ``receipt`` is the SHA-256 of what is stored."""

    id: UUID
    status: Outcome
    receipt: Sha256 | None = None
    changes: list[ChangeResult] = Field(default_factory=list)
    problem: Problem | None = None


class StoredChange(BaseModel):
    """A change as it is kept: question ``q``, value ``v``."""

    id: UUID
    q: str
    v: Any
    base: UUID | None
    device_time: str = ""
    settles: list[UUID] = Field(default_factory=list)


class News(BaseModel):
    """Changes that others made to an inspection of mine."""

    seq: int
    inspection: UUID
    by: int
    changes: list[StoredChange]


class SyncResponse(BaseModel):
    """The results in the order of the items, and what is new since the cursor."""

    cursor: int
    results: list[ItemResult]
    news: list[News]


class Unit(BaseModel):
    """A unit of the bureau."""

    id: int
    name: str


class Person(BaseModel):
    """Somebody of the bureau."""

    id: int
    name: str


class Inspector(Person):
    """Somebody who may be on a team, but never for the own ``unit``."""

    unit: int


class Account(Person):
    """The one who asks."""

    username: str


class Me(BaseModel):
    """Who is asking, and between whom and what an inspection can be opened."""

    user: Account
    permissions: list[str]
    units: list[Unit]
    inspectors: list[Inspector]


class Version(BaseModel):
    """A published version of a checklist; it never changes.

    Inside ``content`` ids of questions are local (``approved``); answers are keyed by whole ones
    (``GC-01.approved``), see docs/sync.md.
    """

    id: str
    version: int
    sha256: Sha256
    content: Checklist


class Checklists(BaseModel):
    """The newest version of each checklist."""

    checklists: list[Version]


class Brief(BaseModel):
    """An inspection in a list; ``done`` of ``total`` questions are answered."""

    id: UUID
    number: str
    status: Status
    unit: Unit
    checklist: str = Field(description="The checklist's title.")
    inspectors: list[Person]
    planned_on: date | None
    done: int
    total: int


class Inspections(BaseModel):
    """The inspections of one's teams."""

    inspections: list[Brief]


class Value(BaseModel):
    """A value ``v``: the ``id`` of the change that set it, by whom, when, in which turn."""

    v: Any
    id: UUID
    by: int
    at: datetime
    seq: int


class Entry(Value):
    """The present value of a question; ``also`` are others in conflict with it."""

    also: list[Value] = Field(default_factory=list)


class Round(BaseModel):
    """A submission."""

    id: UUID
    number: int
    at: datetime
    digest: Sha256


class InspectionTold(Brief):
    """An inspection whole: ``digest`` is what a signature binds to.

    ``missing`` and ``conflicts`` name questions; ``unsigned`` names who has yet to sign, as role
    and person (null: the unit's representative).
    """

    digest: Sha256
    state: dict[str, Entry]
    seq: int
    missing: list[str]
    conflicts: list[str]
    unsigned: list[tuple[Literal["inspector", "unit"], int | None]]
    submissions: list[Round]


class Blob(BaseModel):
    """How a photo stands here; ``offset`` bytes of a partial one have arrived."""

    sha256: Sha256
    status: Literal["applied", "duplicate", "partial"]
    offset: int | None = None


class ContentRange(BaseModel):
    """Which bytes of the photo a piece holds."""

    range_: str = Field(
        default="", alias="Content-Range", pattern=r"^bytes [0-9]{1,12}-[0-9]{1,12}/[0-9]{1,12}$",
        description="For a piece: first and last byte, and the size of the whole.",
    )  # fmt: skip
