"""Which policy figure is in force on a day.  Plain Python."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from webapp.checklists.definitions import Checklist, Figure, Text


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure as a bureau entered it; of two for one day the later entered counts."""

    key: str
    value: float
    effective_from: date
    effective_to: date | None
    source: str
    document_no: str = ""


@dataclass(frozen=True, slots=True)
class InForce:
    """A figure that counts on a day; ``own`` where the bureau entered it."""

    key: str
    label: Text
    unit: Text | None
    value: float
    effective_from: date | None
    source: Text
    verified: bool
    own: bool

    def in_words(self, lang: str) -> str:
        """Return the figure with its name and unit: ``同一车辆连续租用最长天数30天``."""
        gap = " " if lang[:2] == "en" else ""
        unit = self.unit.in_(lang) if self.unit else ""
        return f"{self.label.in_(lang)}{gap}{number(self.value)}{gap}{unit}".rstrip()

    @property
    def as_json(self) -> dict[str, Any]:
        """What a finding keeps of it."""
        kept = asdict(self) | {"label": self.label.model_dump(), "source": self.source.model_dump()}
        kept["unit"] = self.unit.model_dump() if self.unit else None
        kept["effective_from"] = self.effective_from.isoformat() if self.effective_from else None
        return kept


@dataclass(frozen=True)
class Figures:
    """A checklist's figures together with those that a bureau has entered, in that order."""

    checklist: Checklist
    entries: tuple[Entry, ...] = ()

    def on(self, day: date) -> dict[str, InForce]:
        """Return what is in force on ``day``, by key; a figure without a value is not there."""
        found = {
            key: _shipped(key, figure)
            for key, figure in self.checklist.figures.items()
            if figure.value is not None and (figure.effective_from or day) <= day
        }
        for entry in self.entries:
            known = self.checklist.figures.get(entry.key)
            if known and _covers(entry, day) and not _newer(found.get(entry.key), entry):
                found[entry.key] = _entered(known, entry)
        return found

    def __call__(self, day: str) -> Mapping[str, float]:
        """Return the bare values in force on an ISO day (see ``checklists.rules.Figures``)."""
        return {key: one.value for key, one in self.on(date.fromisoformat(day)).items()}


def _covers(entry: Entry, day: date) -> bool:
    return entry.effective_from <= day <= (entry.effective_to or day)


def _newer(one: InForce | None, entry: Entry) -> bool:
    return one is not None and (one.effective_from or date.min) > entry.effective_from


def _shipped(key: str, figure: Figure) -> InForce:
    return InForce(
        key,
        figure.label,
        figure.unit,
        float(figure.value or 0),
        figure.effective_from,
        figure.source,
        figure.verified,
        own=False,
    )


def _entered(known: Figure, entry: Entry) -> InForce:
    number = f"（{entry.document_no}）" if entry.document_no else ""
    source = Text(zh=entry.source + number, en=entry.source + number)
    return InForce(
        entry.key,
        known.label,
        known.unit,
        entry.value,
        entry.effective_from,
        source,
        verified=True,
        own=True,
    )


def number(value: float) -> str:
    """Write a figure: whole where it is, thousands apart, no more than four decimals."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def declared(checklists: Iterable[Checklist]) -> dict[str, tuple[Checklist, Figure]]:
    """Return every figure that checklists declare, with the one that does, by key."""
    return {key: (one, figure) for one in checklists for key, figure in one.figures.items()}
