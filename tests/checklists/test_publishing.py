"""Published versions never change; a changed file is a new version, and visits keep theirs."""

import pytest
from sqlalchemy import select

from tests import factories
from webapp.checklists import queries, service
from webapp.checklists.definitions import Checklist
from webapp.checklists.models import ChecklistVersion
from webapp.core.db import db
from webapp.core.errors import NotFound


def reworded(words="在用车辆数没有超过核定数？"):
    content = factories.CATALOGUE_BY_ID["official-vehicles"].model_dump(mode="json")
    item = next(i for s in content["sections"] for i in s["items"] if i["id"] == "GC-01")
    item["question"]["zh"] = words
    return Checklist.model_validate(content)


def publish(*checklists):
    with db.writing() as session:
        return [v.number for v in service.publish(session, checklists, at=factories.AT)]


def test_publishing_the_same_again_makes_no_version(cast):
    assert publish(*factories.CATALOGUE) == []


def test_a_changed_file_is_a_new_version_and_open_visits_keep_theirs(cast, as_, session):
    with db.writing() as writing:
        before = factories.open_inspection(writing).id
    assert publish(reworded()) == [2]
    with db.writing() as writing:
        after = factories.open_inspection(writing).id
    pages = {name: as_("lin").get(f"/inspections/{name}/answers").text for name in (before, after)}
    assert "没有超过核定编制数" in pages[before]
    assert "没有超过核定数？" in pages[after]
    assert queries.latest_version(session, "official-vehicles").number == 2


def test_going_back_to_an_earlier_wording_is_a_version_too(cast, session):
    publish(reworded())
    assert publish(*factories.CATALOGUE) == [3]
    assert queries.latest_version(session, "official-vehicles").number == 3


def test_a_published_version_cannot_be_changed_or_removed(cast):
    def change(act):
        with db.writing() as session:
            version = session.scalars(select(ChecklistVersion)).first()
            act(session, version)
            session.flush()

    with pytest.raises(RuntimeError, match="immutable"):
        change(lambda session, version: setattr(version, "number", 9))
    with pytest.raises(RuntimeError, match="immutable"):
        change(lambda session, version: session.delete(version))


def test_an_unknown_checklist_or_version_is_not_found(cast, session, as_):
    with pytest.raises(NotFound):
        queries.latest_version(session, "nothing")
    assert as_("lin").get("/checklists/official-vehicles/99").status_code == 404
    assert as_("he").get("/checklists").status_code == 403
