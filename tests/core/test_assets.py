"""Static files: the same for everybody, without comments; and the style sheet inside the form."""

import re
import subprocess
from base64 import b64encode
from hashlib import sha256

import pytest

from webapp.core import assets, scripts
from webapp.core.config import ROOT

OURS = sorted((ROOT / "static/js").rglob("*.js"))
CLASS = re.compile(r"\.(-?[a-z][a-z0-9-]*)")


@pytest.fixture
def form(as_):
    """A form as it comes to a phone: the one that nobody has opened."""
    pages = re.search("data-pages='([^']*)'", as_("lin").get("/").text)[1]
    return as_("lin").get(re.search(r"/inspections/blank/official-vehicles/\d+", pages)[0])


def test_the_form_carries_its_style_sheet_and_its_policy_names_it(form):
    [sheet] = re.findall("<style>(.*?)</style>", form.text, re.DOTALL)
    digest = b64encode(sha256(sheet.encode()).digest()).decode()
    policy = form.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert "app.css" not in form.text


def test_no_other_page_may_carry_one(as_):
    answer = as_("lin").get("/")
    assert "<style" not in answer.text
    assert "style-src 'self';" in answer.headers["Content-Security-Policy"]


def styled(*, form_only):
    """The classes that the style sheet knows, or what of it the form carries."""
    return set(CLASS.findall(assets.styles(form_only=form_only)))


def test_the_forms_sheet_styles_whatever_is_on_the_form(form):
    used = {name for names in re.findall('class="([^"]+)"', form.text) for name in names.split()}
    assert used & styled(form_only=False) <= styled(form_only=True)


def test_the_forms_sheet_styles_whatever_its_scripts_make():
    script = "".join(map(scripts.outgoing, scripts.ENTRIES))
    made = re.findall(r'(?:className(?:: | = )|classList\.\w+\()["`]([^"`]+)', script)
    assert made
    set_by_script = {name for names in made for name in names.split()}
    assert set_by_script & styled(form_only=False) <= styled(form_only=True)


def test_a_static_file_is_the_same_for_everybody(as_):
    address = f"/static/{assets.release()}/js/main.js"
    packed = {"Accept-Encoding": "br"}
    answers = [as_(who).get(address, headers=packed) for who in ("lin", "")]
    assert answers[0].data == answers[1].data
    for answer in answers:
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "Set-Cookie" not in answer.headers
        assert "immutable" in answer.headers["Cache-Control"]


def test_what_is_left_of_our_script_is_script(tmp_path):
    for path in OURS:
        bare = tmp_path / f"{path.stem}.mjs"
        bare.write_text(scripts.outgoing(str(path.relative_to(scripts.STATIC))), "utf-8")
        subprocess.run(["node", "--check", bare], check=True)
        assert not re.search(r"^\s*(\*|//|/\*)", bare.read_text("utf-8"), re.MULTILINE), path


def test_what_goes_out_together_is_script_without_anything_left_to_import(tmp_path):
    for entry in scripts.ENTRIES:
        file = tmp_path / "joined.mjs"
        file.write_text(scripts.outgoing(entry), "utf-8")
        subprocess.run(["node", "--check", file], check=True)
        assert not re.search("^import ", file.read_text("utf-8"), re.MULTILINE)


def test_no_module_goes_out_in_two_files():
    first, second = (set(scripts.members(entry)) for entry in scripts.ENTRIES)
    assert not first & second


@pytest.mark.parametrize("entry", scripts.ENTRIES)
def test_the_address_of_a_joined_module_gives_what_the_module_gives(entry):
    export = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
    for name in scripts.members(entry).keys() - {entry}:
        passed_on = scripts.outgoing(name)
        given = re.findall(r"^export const \{ (.+) \}", passed_on, re.MULTILINE)
        own = export.findall(scripts.source(name))
        assert given == ([", ".join(own)] if own else []), name
        assert ("export default" in scripts.source(name)) == ("export default" in passed_on), name
