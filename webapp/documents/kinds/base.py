"""What a kind of document is, and what people who draft one are asked.

A kind is one module here with a ``KIND``, one template of its name, one line in ``KINDS``.
"""

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from webapp.accounts.rules import Permission
from webapp.checklists.definitions import KindName, Option, Question, Text
from webapp.core.errors import N_
from webapp.documents.rules import Retention
from webapp.documents.snapshot import Drafted, Snapshot

if TYPE_CHECKING:  # the printing process needs no database
    from webapp.accounts.models import Bureau, Unit, User
    from webapp.findings.models import Finding
    from webapp.inspections.models import Inspection


class About(enum.Enum):
    """What a paper is about; its draft begins by choosing one."""

    NOTHING = "nothing"
    UNIT = "unit"
    INSPECTION = "inspection"
    FINDING = "finding"


class Numbering(enum.Enum):
    """Which series a paper's number comes from; each is given once, at the issue, without gaps.

    ``FORMAL`` is a 发文字号 such as ``示自然资党督〔2026〕3号``; ``WORKING`` counts an inspection's
    papers, ``MC-2026-GC-0003-02``; ``REPORT`` counts people's own reports, ``HS-2026-0012``.
    """

    FORMAL = "formal"
    WORKING = "working"
    REPORT = "report"


class Group(enum.Enum):
    """Where a kind stands in the list of what can be drafted, in this order."""

    PLAN = "plan"
    VISIT = "visit"
    FINDINGS = "findings"
    REPORT = "report"
    OWN = "own"


GROUP_WORDS = {
    Group.PLAN: N_("方案与通知"),
    Group.VISIT: N_("现场底稿"),
    Group.FINDINGS: N_("问题与整改"),
    Group.REPORT: N_("报告"),
    Group.OWN: N_("个人报告"),
}


@dataclass(frozen=True)
class Signer:
    """Who signs: a role, what stands before the place on paper, the id of the place.

    Roles: ``inspector`` (of the team, in its order), ``recorder``, ``supervisor``, ``unit_head``,
    ``responsible`` and ``spoken_to`` (need have no account), ``reporter`` (the author), ``seal``.
    """

    role: str
    label: str
    box: str


SEAL = Signer("seal", N_("单位印章"), "seal")


@dataclass(frozen=True)
class Subject:
    """What a draft is about, and what the system knows of it.

    ``findings`` are confirmed ones that the unit may be told of (for a paper about one finding:
    that one); ``answers`` what was recorded at the visit; ``head`` the name of the unit's head;
    ``zone`` that of the clock on the wall.
    """

    bureau: "Bureau"
    author: "User"
    on: date
    unit: "Unit | None" = None
    head: str = ""
    inspection: "Inspection | None" = None
    findings: "Sequence[Finding]" = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    @property
    def unit_name(self) -> str:
        """The unit's name, empty where the paper is about none."""
        return self.unit.name if self.unit else ""

    @property
    def topic(self) -> str:
        """What was inspected: the checklist's title."""
        return self.inspection.checklist_title if self.inspection else ""

    @property
    def inspectors(self) -> "list[User]":
        """The team, in its order."""
        return self.inspection.inspectors if self.inspection else []


Prefill = Callable[[Subject], Mapping[str, Any]]


Faults = Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]


def _nothing(_: Subject) -> Mapping[str, Any]:
    return {}


def _no_faults(_: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ()


@dataclass(frozen=True)
class Form:
    """How a kind is drafted.

    ``asks`` are its questions (the answer to ``title``, where asked, is the paper's title);
    ``prefill`` answers those that the system can; ``faults`` yields (question id, message) for
    answers that do not go together.  Who holds ``drafted_by`` drafts; who holds
    ``issued_by`` issues: the author where both are the same, else another, to whom it is handed.
    ``by_unit``: it is the word of the unit that was inspected, of nobody else, about an inspection
    that is decided.
    """

    group: Group
    summary: Text
    about: About
    asks: tuple[Question, ...]
    numbering: Numbering
    prefill: Prefill = _nothing
    faults: Faults = _no_faults
    drafted_by: Permission = Permission.DOCUMENT_DRAFT
    issued_by: Permission = Permission.DOCUMENT_DRAFT
    by_unit: bool = False

    @property
    def is_handed_on(self) -> bool:
        """Whether another than the author issues it."""
        return self.drafted_by is not self.issued_by


@dataclass(frozen=True)
class Kind:
    """A document: what people call it, what it holds, how it looks, who signs it.

    ``facts`` computes what a template may not: counts, numbering, wording.  ``signers`` sign in
    their order, the organisation's seal last.  ``for_unit``: the head of the unit that it is
    about reads it once it is signed.  ``form`` is None where the system alone makes it.
    """

    name: str
    shape: type[Snapshot]
    styles: tuple[str, ...]
    facts: Callable[[Any], Mapping[str, object]]
    signers: tuple[Signer, ...] = (SEAL,)
    retention: Retention = Retention.YEARS_30
    for_unit: bool = False
    form: Form | None = None

    @property
    def seal(self) -> str:
        """The id of the element over which the organisation's visible signature goes."""
        return next(one.box for one in self.signers if one.role == "seal")


# -- shorthand for the modules of kinds -------------------------------------------------------


def ask(
    id: str, kind: KindName, zh: str, en: str, hint: Text | None = None, **more: Any
) -> Question:
    """Return a question; what is not said otherwise must be answered before the issue."""
    required = more.pop("required", True)
    return Question(
        id=id, kind=kind, label=Text(zh=zh, en=en), hint=hint, required=required, **more
    )


def option(id: str, zh: str, en: str) -> Option:
    """Return one of the answers that a choice offers."""
    return Option(id=id, label=Text(zh=zh, en=en))


def names_of(signers: Sequence[Signer], paper: Drafted) -> dict[str, str]:
    """Return who is known to sign, by the id of the place."""
    team = iter(paper.inspectors)
    known: dict[str, str] = {}
    for signer in signers:
        if signer.role == "inspector" and (one := next(team, None)):
            known[signer.box] = one.name
        elif signer.role == "unit_head" and paper.unit:
            known[signer.box] = paper.unit.head
        elif signer.role == "reporter":
            known[signer.box] = paper.author.name
    return known


def said(paper: Drafted) -> dict[str, str]:
    """Return the texts of the answers by question id."""
    return {key: one.text for key, one in paper.said.items()}


def rows(paper: Drafted) -> dict[str, tuple[dict[str, str], ...]]:
    """Return the rows of the tables by question id."""
    return {key: one.rows for key, one in paper.said.items()}
