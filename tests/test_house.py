"""The rules of the house, kept by looking at the tree."""

import json
import re
import tomllib
from hashlib import sha256

import click
import pytest
from alembic import command as alembic
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from sqlalchemy import inspect

from webapp.checklists.questions import KINDS
from webapp.cli import VERBS, main
from webapp.core import migration
from webapp.core.access import permission_of
from webapp.core.config import ROOT, Settings
from webapp.core.db import db
from webapp.documents.kinds import KINDS as DOCUMENT_KINDS

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "N_": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # its punctuation too


def msgids() -> set[str]:
    """Return every message in code and templates that is to be translated."""
    options = {"**.html": {"trimmed": "false", "silent": "false"}}
    found: set[str] = set()
    for folder in ("webapp", "templates"):
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder, METHODS, options, KEYWORDS, comment_tags=()
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


def test_each_question_kind_has_its_partial():
    for kind in KINDS:
        partial = (ROOT / f"templates/questions/{kind}.html").read_text("utf-8")
        assert "macro ask(" in partial
        assert "macro answer(" in partial


def test_each_document_kind_has_its_template():
    for kind in DOCUMENT_KINDS:
        assert (ROOT / f"templates/documents/{kind}.html").exists(), kind


def test_each_icon_is_drawn():
    """Templates name icons where they use them, the navigation in its entries."""
    drawn = set(re.findall(r'id="([a-z]+)"', (ROOT / "static/icons/sprite.svg").read_text()))
    named = re.compile(r"""(?:icon\(|icon_name=)'([a-z]+)'|NavItem\([^,]+, [^,]+, "([a-z]+)\"""")
    sources = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("webapp/*/views*.py")]
    sources += ROOT.glob("webapp/*/*/*.py")
    used = {one or other for path in sources for one, other in named.findall(path.read_text())}
    assert len(used) > 20
    assert used - drawn == set()


def routes(app):
    """Return what ``tests/routes.txt`` lists: methods, address and permission of each route."""
    return sorted(
        f"{'|'.join(sorted(rule.methods - {'HEAD', 'OPTIONS'}))} {rule.rule} "
        f"{permission_of(app.view_functions[rule.endpoint])}"
        for rule in app.url_map.iter_rules()
    )


def test_routes_are_those_on_the_list(app):
    now = routes(app)
    listed = (ROOT / "tests/routes.txt").read_text("utf-8").splitlines()
    assert now == listed, "routes changed: look at each permission, then update tests/routes.txt"


def test_english_is_complete():
    with open(ROOT / "webapp/translations/en/LC_MESSAGES/messages.po", "rb") as file:
        catalogue = read_po(file)
    translated = {m.id if isinstance(m.id, str) else m.id[0]: m for m in catalogue if m.id}
    wanted = {message for message in msgids() if CHINESE.search(message)}
    assert wanted - set(translated) == set(), "run scripts/extract_messages.py and translate"
    assert set(translated) - wanted == set(), "no longer used"
    for message in translated.values():
        words = message.string if isinstance(message.string, str) else message.string[0]
        assert words, f"not translated: {message.id}"
        places = re.findall(r"%\((\w+)\)", str(message.id))
        assert sorted(set(re.findall(r"%\((\w+)\)", words))) == sorted(set(places)), message.id
        assert "fuzzy" not in message.flags, message.id


def test_vendored_files_are_what_they_were():
    listed = tomllib.loads((ROOT / "static/vendor/VENDOR.toml").read_text("utf-8"))
    told: dict[str, str] = {}

    def walk(node):
        if isinstance(node, dict):
            if "files" in node and isinstance(node["files"], dict):
                told.update({str(k): v for k, v in node["files"].items()})
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(listed)
    vendor = ROOT / "static/vendor"
    files = {
        str(path.relative_to(vendor)): sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "VENDOR.toml"
    }
    hashes = json.dumps(listed)
    for name, digest in files.items():
        assert digest in hashes, f"{name} is not what VENDOR.toml says"


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_each_setting_and_verb_is_in_the_readme(readme):
    text = (ROOT / readme).read_text("utf-8")
    for name, field in Settings.model_fields.items():
        setting = field.validation_alias or f"MINGCHA_{name.upper()}"
        assert str(setting) in text, setting
    for verb in VERBS:
        assert f"`{verb}`" in text or f"mingcha {verb}" in text, verb


def test_each_verb_loads_and_helps():
    for verb in VERBS:
        command = main.get_command(click.Context(main), verb)
        assert command is not None
        assert command.get_short_help_str() or command.help


def test_pages_carry_no_inline_script_or_style():
    for template in (ROOT / "templates").rglob("*.html"):
        if "documents" in template.parts:
            continue
        text = template.read_text("utf-8")
        assert not re.search(r"""\sstyle=["']|<[^>{]*\son[a-z]+=["']|<style""", text), template
        assert "|safe" not in text.replace("'</legend>'|safe if group else '</label>'|safe", "")


def test_one_importer_each_for_the_heavy_libraries():
    allowed = {
        "weasyprint": {"render.py", "justification.py", "fonts.py"},
        "pyhanko": {"signing.py", "verification.py", "examination.py", "keys.py"},
    }
    for library, files in allowed.items():
        for path in (ROOT / "webapp").rglob("*.py"):
            if re.search(rf"^\s*(from|import) {library}", path.read_text("utf-8"), re.M):
                assert path.parent.name == "documents", path
                assert files, library


def test_the_repository_speaks_of_the_product_alone():
    elsewhere = ("/wo" + "rk/", "/ro" + "ot/", "pypi.o" + "rg", "npmjs.o" + "rg")
    words = re.compile("|".join(map(re.escape, elsewhere)))
    for folder in ("webapp", "templates", "static/js", "static/css", "docs", "bench", "scripts"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".html", ".js", ".css", ".md", ".sh"}:
                assert not words.search(path.read_text("utf-8")), path


# -- migrations -------------------------------------------------------------------------------


def test_models_and_migrations_agree(app):
    with db.engine.connect() as connection:
        config = migration.configuration()
        config.attributes["connection"] = connection
        alembic.check(config)


def test_one_step_back_and_forth(app):
    migration.downgrade(db.engine, "-1")
    assert not migration.is_current(db.engine)
    migration.upgrade(db.engine)
    assert migration.is_current(db.engine)
    assert "inspection" in inspect(db.engine).get_table_names()
