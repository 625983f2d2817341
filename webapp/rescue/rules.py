"""From records of a rescue file to items of the sync protocol; plain Python."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import uuid4

ITEM_KINDS = ("inspection", "signature", "submission")
CHANGE_KEYS = ("id", "question", "base", "settles", "device_time")


@dataclass(frozen=True)
class Entry:
    """One entry of a phone's journal: what it is called, and its body."""

    words: Mapping[str, Any]
    body: Any

    @property
    def id(self) -> str:
        """The id that the phone gave it."""
        return str(self.words.get("id"))

    @property
    def kind(self) -> str:
        """``change`` or a kind of the protocol."""
        return str(self.words.get("kind"))

    @property
    def inspection(self) -> str:
        """The inspection it belongs to."""
        return str(self.words.get("inspection"))


def items(
    entries: Iterable[Entry], states: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the messages' items, in order; neighbouring changes of one inspection go together.

    ``states`` are the present states of inspections, for changes that never learnt what they
    replace.  An item of changes gets a new id: each change has its own, which makes it once.
    """
    told = []
    for (kind, inspection), run in groupby(entries, lambda one: (one.kind, one.inspection)):
        if kind == "change":
            state = states.get(inspection, {})
            body = {"inspection": inspection, "changes": [_change(one, state) for one in run]}
            told.append({"id": str(uuid4()), "kind": "changes", "body": body})
        else:
            told += [_item(one) for one in run]
    return told


def unstored(entries: Iterable[Entry], stored: Collection[str]) -> list[Entry]:
    """Return the entries that are not among the changes stored already."""
    return [one for one in entries if one.kind != "change" or one.id not in stored]


def _item(entry: Entry) -> dict[str, Any]:
    time = str(entry.words.get("device_time") or "")
    return {"id": entry.id, "kind": entry.kind, "body": entry.body, "device_time": time}


def _change(entry: Entry, state: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: entry.words[key] for key in CHANGE_KEYS if entry.words.get(key) is not None}
    if "base" not in entry.words:
        present = state.get(str(entry.words.get("question")))
        seen = entry.words.get("seen")
        if present and isinstance(seen, int) and present["seq"] <= seen:
            told["base"] = present["id"]
    return told | {"value": entry.body}
