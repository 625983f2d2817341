"""The door for programs: which policy figures are in force."""

from datetime import date

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.checklists import queries as checklists
from webapp.core.clock import now, today
from webapp.core.db import db
from webapp.core.openapi import describes
from webapp.core.web import language
from webapp.core.wire import answer, parsed
from webapp.policies import queries
from webapp.policies.rules import InForce

bp = Blueprint("policies_sync", __name__, url_prefix="/api/v1")


class Day(BaseModel):
    """When."""

    day: date | None = Field(None, description="The day in question; today if left out.")


class FigureTold(BaseModel):
    """A policy figure in force."""

    key: str
    checklist: str
    label: str
    value: float
    unit: str
    effective_from: date | None
    source: str
    verified: bool = Field(description="Whether somebody compared it with its source.")
    own: bool = Field(description="Whether the bureau entered it; else the product ships it.")


class Policies(BaseModel):
    """The figures of a day."""

    day: date
    figures: list[FigureTold]


@bp.get("/policies")
@requires(Permission.POLICY_READ)
@describes({200: Policies}, query=Day)
def index() -> ResponseReturnValue:
    """Return the policy figures in force on a day."""
    day = parsed(Day, request.args.to_dict()).day or today()
    told: list[FigureTold] = []
    for version in checklists.latest_versions(db.session()):
        known = queries.figures(db.session(), me().bureau_id, version.definition, at=now())
        told += [_told(one, version.checklist_id) for one in known.on(day).values()]
    return answer(Policies(day=day, figures=told))


def _told(one: InForce, checklist: str) -> FigureTold:
    return FigureTold(
        key=one.key,
        checklist=checklist,
        label=one.label.in_(language()),
        value=one.value,
        unit=one.unit.in_(language()) if one.unit else "",
        effective_from=one.effective_from,
        source=one.source.in_(language()),
        verified=one.verified,
        own=one.own,
    )
