"""The shapes of what programs send and get about reviews."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from webapp.findings.rules import FindingSource, FindingState, Severity
from webapp.inspections.messages import Message
from webapp.inspections.rules import Status
from webapp.reviews import rules
from webapp.reviews.models import Decision
from webapp.reviews.rules import Verdict

ItemId = Annotated[str, Field(max_length=12)]


class CommentBody(Message):
    """A remark on one item."""

    item: ItemId
    text: Annotated[str, Field(max_length=rules.COMMENT_MOST)]


class FindingBody(Message):
    """A word on one finding; what is left out stays as it was derived.

    ``deadline_days`` null means no deadline.
    """

    item: ItemId
    decision: Verdict
    facts: Annotated[str, Field(max_length=rules.FACTS_MOST)] | None = None
    severity: Severity | None = None
    rectification: Annotated[str, Field(max_length=rules.RECTIFICATION_MOST)] | None = None
    deadline_days: Annotated[int, Field(ge=0, le=rules.DAYS_MOST)] | None = None
    reason: Annotated[str, Field(max_length=rules.REASON_MOST)] | None = None


class ReviewBody(Message):
    """A decision on the round named by ``submission``."""

    submission: UUID
    decision: Literal["approve", "return"]
    opinion: Annotated[str, Field(max_length=rules.OPINION_MOST)] = ""
    comments: list[CommentBody] = Field(default_factory=list, max_length=200)
    findings: list[FindingBody] = Field(default_factory=list, max_length=200)


class Told(BaseModel):
    """Something answered."""

    model_config = ConfigDict(frozen=True)


class QueueQuery(BaseModel):
    """Which page of which queue."""

    state: Literal["submitted", "returned", "approved"] = Field(
        default="submitted", description="Longest waiting first; what is decided, newest first."
    )
    after: str | None = Field(
        default=None,
        pattern=r"^-?[0-9]{1,17}-[0-9a-f]{32}$",
        description="The page before's `next`.",
    )


class QueueRow(Told):
    """An inspection of the queue; ``found`` counts its newest round's findings by source."""

    id: UUID
    number: str
    status: Status
    unit: str
    checklist: str
    inspectors: list[str]
    submission: UUID
    round: int
    submitted_at: datetime
    found: dict[FindingSource, int]


class QueuePage(Told):
    """A page of the queue; ``next`` goes into ``after`` for the one that follows."""

    inspections: list[QueueRow]
    next: str | None


class BasisTold(Told):
    """An article that a finding rests on."""

    law: str
    article: str
    verified: bool


class FindingTold(Told):
    """A finding as it stands."""

    item: str
    source: FindingSource
    state: FindingState
    severity: Severity
    facts: str
    basis: list[BasisTold]
    rectification: str
    deadline_days: int | None
    deadline_unit: Literal["calendar", "working"]
    due_on: date | None
    transfer: bool
    reason: str


class CommentTold(Told):
    """A remark as it was made."""

    item: str
    text: str
    by: str
    at: datetime


class DecisionTold(Told):
    """Who decided what, when, and with which words."""

    decision: Decision
    opinion: str
    by: str
    at: datetime


class ReviewTold(Told):
    """Where the review of an inspection's newest round stands."""

    inspection: UUID
    number: str
    status: Status
    submission: UUID
    round: int
    review: DecisionTold | None
    findings: list[FindingTold]
    comments: list[CommentTold]


class RoundTold(Told):
    """One submission as it was handed in, and what the supervisor said of it."""

    inspection: UUID
    submission: UUID
    round: int
    at: datetime
    digest: str
    answers: dict[str, Any]
    review: DecisionTold | None
    comments: list[CommentTold]
