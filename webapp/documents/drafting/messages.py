"""What programs send and get about papers that are drafted."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.documents.sync import DocumentMessage

Answers = dict[str, Any]


class Taken(BaseModel):
    """What programs send: nothing but what is named."""

    model_config = ConfigDict(extra="forbid")


class DocumentKind(BaseModel):
    """A kind of paper that the asker may draft, and what it asks."""

    kind: str
    name: str
    summary: str
    about: Literal["nothing", "unit", "inspection", "finding"] = Field(
        description="What its draft must name; a paper about a unit may name an inspection there"
    )
    handed_on: bool = Field(description="Whether another than its author issues it")
    asks: list[dict[str, Any]] = Field(
        description="Its questions in order, as `content` of `GET /checklists` has them"
    )


class DocumentKinds(BaseModel):
    """The kinds that the asker may draft."""

    kinds: list[DocumentKind]


class DraftBegun(Taken):
    """A new draft; its ``id`` is the client's, and later the document's."""

    id: UUID
    kind: str = Field(max_length=40)
    unit: int | None = Field(default=None, ge=1, le=2**53 - 1)
    inspection: UUID | None = None
    finding: int | None = Field(default=None, ge=1, le=2**53 - 1)


class DraftWritten(Taken):
    """All answers of a draft; what is left out is unanswered from then on."""

    revision: int = Field(ge=0, description="The one that was read: another is refused (`stale`)")
    answers: Answers


class DraftStep(Taken):
    """A step with a draft as it was read, or looked at."""

    revision: int = Field(ge=0)


class DraftReturned(Taken):
    """Why a draft goes back; the author takes an own one back without a word."""

    remark: str = Field(default="", max_length=1000)


class DraftLack(BaseModel):
    """What keeps a draft from being issued."""

    question: str
    message: str


class DraftMessage(BaseModel):
    """A draft as it stands."""

    id: UUID
    kind: str
    kind_name: str
    unit: int | None
    inspection: UUID | None
    finding: int | None
    author: str
    state: Literal["draft", "offered", "returned"]
    remark: str = Field(description="Why it came back")
    revision: int
    answers: Answers
    lacks: list[DraftLack]
    may: list[Literal["write", "offer", "issue", "return"]] = Field(
        description="What is open to the asker now, completeness apart"
    )
    changed_at: datetime


class DraftsMessage(BaseModel):
    """The asker's own drafts, and those that wait for the asker's issue."""

    own: list[DraftMessage]
    offered: list[DraftMessage]


class PreviewMessage(BaseModel):
    """A paper as it would be printed; it goes after a day."""

    id: UUID
    state: Literal["queued", "ready", "failed"]
    kind: str
    draft: UUID | None
    revision: int | None = Field(description="The draft's, as it was printed")
    pages: int | None
    file: str | None = Field(description="Where the PDF is fetched once it is ready")
    error: str | None


class SignatureAwaited(BaseModel):
    """A signature that the asker may give now: on ``page``, in person."""

    document: DocumentMessage
    role: str = Field(description="As inspector, recorder, supervisor, unit_head, spoken_to")
    label: str
    printed_name: str
    way: Literal["own", "attended"] = Field(
        description="`attended`: somebody else signs on a device of the asker, who is there"
    )
    file_sha256: str = Field(description="The file that would be signed")
    page: str = Field(description="Where a person looks at the pages and signs with a password")


class SignaturesAwaited(BaseModel):
    """What waits for the asker's signature, the oldest first."""

    awaited: list[SignatureAwaited]
