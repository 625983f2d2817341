"""Questions and checklists for tests; only what must be there is filled in."""

import json
from pathlib import Path
from typing import Any

from webapp.checklists.definitions import Checklist, Question

VECTORS = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


def text(zh: str = "问题", en: str = "Question") -> dict[str, str]:
    return {"zh": zh, "en": en}


def question(kind: str, **keys: Any) -> Question:
    """Make a question; options may be given as ids, columns without labels."""
    options = [{"id": one, "label": text(one, one.title())} for one in keys.pop("options", ())]
    columns = [
        {"label": text(one["id"], one["id"].title())} | one for one in keys.pop("columns", ())
    ]
    made = {"id": "XX-01.asked", "kind": kind, "label": text(), "options": options}
    return Question.model_validate({**made, "columns": columns, **keys})


def item(item_id: str, *fields: dict[str, Any], **keys: Any) -> dict[str, Any]:
    basis = [{"law": "rules", "article": text("第1条", "Article 1"), "verified": True}]
    made = {"id": item_id, "question": text(), "fields": list(fields), "evidence": text()}
    return {**made, "severity": "minor", "basis": basis, "rectification": text(), **keys}


def content(*items: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """Return a checklist as its YAML file has it, with the items in one section."""
    made = {"id": "example", "code": "XX", "title": text(), "summary": text()}
    laws = {"rules": {"title": text(), "verified": True}}
    sections = [{"id": "all", "title": text(), "items": list(items)}]
    return {**made, "laws": laws, "sections": sections, **keys}


def checklist(*items: dict[str, Any], **keys: Any) -> Checklist:
    return Checklist.model_validate(content(*items, **keys))
