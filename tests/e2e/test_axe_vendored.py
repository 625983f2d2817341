"""The checker of accessibility is what its publisher released."""

import tomllib
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text("utf-8"))["library"]


def test_every_vendored_file_of_the_tests_has_the_digest_that_is_listed():
    for library in LISTED:
        for file in library["files"]:
            path = VENDOR / library["folder"] / file["name"]
            assert sha256(path.read_bytes()).hexdigest() == file["sha256"], path


def test_nothing_else_is_vendored_for_the_tests_and_each_comes_with_its_licence():
    listed = {
        f"{library['folder']}/{file['name']}" for library in LISTED for file in library["files"]
    }
    assert {str(path.relative_to(VENDOR)) for path in VENDOR.glob("*/*")} == listed
    assert all(any(f["name"] == "LICENSE" for f in library["files"]) for library in LISTED)
