"""What an inspection's present state amounts to, worked out once for all who ask in a message."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from webapp.checklists import rules as checklist_rules
from webapp.checklists.definitions import Checklist
from webapp.checklists.rules import Standing
from webapp.core.clock import local_day
from webapp.inspections import rules
from webapp.inspections.models import Inspection


class Reading:
    """The plain ``answers`` of one state, the digest that a signer binds to, the standing."""

    def __init__(self, inspection: Inspection) -> None:
        self.state = inspection.state
        self.answers = rules.values(inspection.state)
        self.definition = inspection.version.definition
        self._digest = ""
        self._standings: dict[str, Standing] = {}

    def digest(self, inspection: Inspection) -> str:
        """Return the digest of what a signer of this inspection, whose reading this is, sees."""
        self._digest = self._digest or rules.shown_digest(
            inspection=str(inspection.id),
            checklist_sha256=inspection.version.sha256,
            unit_id=inspection.unit_id,
            inspectors=[user.id for user in inspection.inspectors],
            answers=self.answers,
        )
        return self._digest

    def standing(self, at: datetime) -> Standing:
        """Return how far the answers are, and what is missing."""
        day = day_told(self.answers, at)
        if day not in self._standings:
            found = checklist_rules.standing(self.definition, self.answers, day)
            self._standings[day] = found
        return self._standings[day]


_readings: WeakKeyDictionary[Inspection, Reading] = WeakKeyDictionary()


def reading_of(inspection: Inspection) -> Reading:
    """Return what the present state amounts to; a state is replaced, never changed in place."""
    known = _readings.get(inspection)
    if known is None or known.state is not inspection.state:
        known = _readings[inspection] = Reading(inspection)
    return known


@lru_cache(maxsize=64)
def unanswered(checklist: Checklist, day: str) -> Standing:
    """Return how far a checklist is that nobody has begun to fill in."""
    return checklist_rules.standing(checklist, {}, day)


def day_of(inspection: Inspection, at: datetime) -> str:
    """Return the day on which the visit takes place, as CEL's ``day``."""
    return day_told(reading_of(inspection).answers, at)


def day_told(answers: Mapping[str, Any], at: datetime) -> str:
    """Return the day that the answers tell; until they do, the present one."""
    started = answers.get("visit.started_at")
    return str(started)[:10] if started else local_day(at).isoformat()
