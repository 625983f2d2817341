"""Vendored libraries are what their publishers released."""

import tomllib
from hashlib import sha256
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"
LISTED = tomllib.loads((VENDOR / "VENDOR.toml").read_text("utf-8"))["library"]


def test_every_file_has_the_digest_that_is_listed():
    for library in LISTED:
        for file in library["files"]:
            path = VENDOR / library["folder"] / file["name"]
            assert sha256(path.read_bytes()).hexdigest() == file["sha256"], path


def test_nothing_lies_there_that_is_not_listed():
    listed = {
        f"{library['folder']}/{file['name']}" for library in LISTED for file in library["files"]
    }
    there = {str(path.relative_to(VENDOR)) for path in VENDOR.glob("*/*")}
    assert there == listed
    assert all(any(f["name"] == "LICENSE" for f in library["files"]) for library in LISTED)
