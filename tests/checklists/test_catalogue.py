"""The catalogue that ships, and what is said of broken copies."""

import re
import shutil
from pathlib import Path

import pytest

from webapp.checklists import rules
from webapp.checklists.definitions import Checklist
from webapp.checklists.loader import CATALOGUE, CatalogueError, content_of, load_catalogue

COUNTS = {
    "official-vehicles": ("GC", 44),
    "official-receptions": ("JD", 38),
    "wedding-funeral": ("HS", 30),
    "eight-prohibitions": ("BJ", 35),
}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Checklist]:
    return {checklist.id: checklist for checklist in load_catalogue()}


def test_all_four_are_there(catalogue: dict[str, Checklist]):
    assert {one.id: (one.code, len(one.items)) for one in catalogue.values()} == COUNTS


def test_no_number_is_left_out(catalogue: dict[str, Checklist]):
    for checklist in catalogue.values():
        ids = [item.id for item in checklist.items]
        for prefix in {one.partition("-")[0] for one in ids}:
            numbers = sorted(int(one[3:]) for one in ids if one.startswith(f"{prefix}-"))
            assert numbers == list(range(1, len(numbers) + 1)), prefix


def test_each_begins_and_ends_with_the_visit(catalogue: dict[str, Checklist]):
    for checklist in catalogue.values():
        assert checklist.sections[0].id == "visit"
        assert checklist.has_question("visit.place")
        assert checklist.sections[-1].id == "closing"
        assert checklist.has_question("visit.unit_opinion")


def test_each_reads_back_from_what_is_stored(catalogue: dict[str, Checklist]):
    for checklist in catalogue.values():
        again = Checklist.model_validate(content_of(checklist))
        assert again == checklist
        assert [q.id for q in again.questions] == [q.id for q in checklist.questions]


def test_an_empty_inspection_lacks_every_verdict(catalogue: dict[str, Checklist]):
    for checklist in catalogue.values():
        lacking = {m.question_id for m in rules.missing(checklist, {}, "2026-03-05")}
        assert {item.id for item in checklist.items} <= lacking


def test_english_is_not_chinese(catalogue: dict[str, Checklist]):
    for checklist in catalogue.values():
        for item in checklist.items:
            assert not re.search("[\u4e00-\u9fff]", item.question.en), item.id
            assert re.search("[\u4e00-\u9fff]", item.question.zh), item.id


VEHICLES = "official-vehicles.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        (
            VEHICLES,
            "    severity: critical\n",
            "    severity: grave\n",
            "official-vehicles.yaml: GC-01: severity: must be one of minor, major, critical",
        ),
        (
            VEHICLES,
            "    severity: critical\n",
            "",
            "official-vehicles.yaml: GC-01: severity: is missing",
        ),
        (
            VEHICLES,
            "- {law: vehicles,",
            "- {law: vehicels,",
            "official-vehicles.yaml: GC-01: basis: vehicels is not among the laws",
        ),
        (
            VEHICLES,
            'suspect_if: "actual > approved"',
            'suspect_if: "actual > aproved"',
            "official-vehicles.yaml: GC-01: suspect_if: no question called aproved is asked here",
        ),
        (
            VEHICLES,
            'suspect_if: "actual > approved"',
            'suspect_if: "actual > 3"',
            "official-vehicles.yaml: GC-01: suspect_if:"
            " write 3.0 instead of 3; every number is a double",
        ),
        (
            VEHICLES,
            'suspect_if: "actual > approved"',
            'suspect_if: "actual >"',
            "official-vehicles.yaml: GC-01: suspect_if: is not CEL: ",
        ),
        (
            VEHICLES,
            "policy.lease.max_days",
            "policy.lease.most_days",
            "official-vehicles.yaml: GC-09: suspect_if: lease.most_days is not among the figures",
        ),
        (
            VEHICLES,
            'suspect_if: "online_rate < policy.gps.online_rate"',
            'suspect_if: "online_rate < 95.0"',
            "official-vehicles.yaml: figures: gps.online_rate: no rule uses it",
        ),
        (
            VEHICLES,
            "figures_on: renewed_on",
            "figures_on: renewed",
            "official-vehicles.yaml: GC-11: figures_on: no date called renewed is asked here",
        ),
        (
            VEHICLES,
            "    - id: actual\n",
            "    - id: approved\n",
            "official-vehicles.yaml: GC-01.approved: id: 2 questions have this id",
        ),
        (
            VEHICLES,
            "  - id: GC-02\n",
            "  - id: GC-01\n",
            "official-vehicles.yaml: GC-01: id: 2 items have this id",
        ),
        (
            VEHICLES,
            "  - id: GC-02\n",
            "  - id: JD-02\n",
            "official-vehicles.yaml: JD-02: id: must begin with GC- like its section",
        ),
        (
            VEHICLES,
            "      kind: integer\n",
            "      kind: number\n",
            "official-vehicles.yaml: GC-01: fields.approved.kind: must be one of conforms,",
        ),
        (
            VEHICLES,
            "      kind: integer\n",
            "      kind: short_text\n",
            "official-vehicles.yaml: GC-01: fields.approved.minimum: means nothing for short_text",
        ),
        (
            VEHICLES,
            "      minimum: 0\n",
            "      minimum: 5\n      maximum: 4\n",
            "official-vehicles.yaml: GC-01: fields.approved.minimum: is greater than maximum",
        ),
        (
            VEHICLES,
            "      minimum: 0\n",
            "      minimal: 0\n",
            "official-vehicles.yaml: GC-01: fields.approved.minimal: is not a known key",
        ),
        (
            VEHICLES,
            "code: GC\n",
            "code: GC\ncode: GD\n",
            "official-vehicles.yaml: line 5: the key code stands twice",
        ),
        (
            VEHICLES,
            "code: GC\n",
            "code: JD\n",
            "official-vehicles.yaml: code: no item begins with JD-",
        ),
        (
            VEHICLES,
            "id: official-vehicles\n",
            "id: official-receptions\n",
            "official-vehicles.yaml: id: official-receptions is already used in",
        ),
        (VEHICLES, "sections:\n", "sections: [\n", "official-vehicles.yaml: line "),
        (
            "_visit.yaml",
            "      kind: datetime\n",
            "      kind: moment\n",
            "_visit.yaml: opening: questions.visit.started_at.kind: must be one of conforms,",
        ),
        ("_visit.yaml", "closing:\n", "ending:\n", "_visit.yaml: closing: is missing"),
    ],
)
def test_a_broken_copy_is_told_where(tmp_path: Path, file: str, old: str, new: str, line: str):
    folder = Path(shutil.copytree(CATALOGUE, tmp_path / "catalogue"))
    whole = (folder / file).read_text("utf-8")
    assert old in whole
    (folder / file).write_text(whole.replace(old, new, 1), "utf-8")
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(folder)
    assert any(problem.startswith(line) for problem in refused.value.problems), refused.value


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path):
    folder = Path(shutil.copytree(CATALOGUE, tmp_path / "catalogue"))
    for path in folder.glob("[!_]*.yaml"):
        path.write_text(path.read_text("utf-8").replace("severity: minor", "severity: tiny"))
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(folder)
    assert {line.partition(":")[0] for line in refused.value.problems} == {
        f"{one}.yaml" for one in COUNTS
    }
    assert str(refused.value).splitlines() == list(refused.value.problems)


def test_no_file_is_a_mistake_too(tmp_path: Path):
    with pytest.raises(CatalogueError, match=r"_visit\.yaml: the file is missing"):
        load_catalogue(tmp_path)
    (tmp_path / "_visit.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "one.yaml").write_text("- 1\n")
    (tmp_path / "two.yaml").write_text("!!python/object/apply:os.system [ls]\n")
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(tmp_path)
    assert [line.partition(": ")[0] for line in refused.value.problems] == [
        *("_visit.yaml", "one.yaml", "two.yaml")
    ]
