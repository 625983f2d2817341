"""The launcher, run for real by each shell; only pip, uv and apt-get are stubs."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELLS = {"sh": ["sh"], "busybox": ["busybox", "sh"]}

# Each notes its call in $STUBS/log, then does the least that the launcher looks for.
PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) [ -z "${STUB_NO_PYTHON:-}" ] && echo "$STUBS/python3" ;;
    "-m pip --version"*) exit ${STUB_NO_PIP:-0} ;;
    "-m pip config"*) exit 1 ;;
    "-m pip install"*)
        echo "pip $*" >>"$STUBS/log"
        while [ "$1" != --target ]; do shift; done
        mkdir -p "$2/bin" "$2/${3##*/}"
        version=${3#uv==}
        mkdir -p "$2/uv-$version.dist-info"
        cp "$STUBS/uv" "$2/bin/uv" ;;
    *fcntl*) exec "$REAL_PYTHON" "$@" ;;
esac
"""
UV = """#!/bin/sh
echo "uv $*" >>"$STUBS/log"
[ -z "${STUB_UV_FAILS:-}" ] || { echo "no network" >&2; exit 2; }
sleep "${STUB_UV_SECONDS:-0}"
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
rm -f "$UV_PROJECT_ENVIRONMENT/bin/python"
cp "$STUBS/venv-python" "$UV_PROJECT_ENVIRONMENT/bin/python"
cp "$STUBS/product" "$UV_PROJECT_ENVIRONMENT/bin/mingcha"
"""
VENV_PYTHON = """#!/bin/sh
case "$*" in *compile_translations*) echo "compile" >>"$STUBS/log"; exit ;; esac
echo "probe" >>"$STUBS/log"
[ -z "${STUB_NO_PANGO:-}" ] || [ -e "$STUBS/pango" ]
"""
PRODUCT = """#!/bin/sh
printf 'handed over:'; printf ' [%s]' "$@"; echo
"""
APT_GET = """#!/bin/sh
echo "apt-get $*" >>"$STUBS/log"
case "$*" in
    *install*) [ -z "${STUB_APT_FAILS:-}" ] && : >"$STUBS/pango" ;;
esac
"""
ID = """#!/bin/sh
echo "${STUB_UID:-1000}"
"""


class Checkout:
    """A checkout in a folder with a space in its name, and a PATH on which the stubs come first."""

    def __init__(self, folder: Path, shell: list[str]) -> None:
        self.root, self.stubs, self.shell = folder / "the checkout", folder / "stubs", shell
        self.root.mkdir(parents=True)
        self.stubs.mkdir()
        shutil.copy(ROOT / "mingcha", self.root)
        (self.root / "uv.lock").write_text("lock 1")
        (self.root / "pyproject.toml").write_text("project 1")
        stubs = {"uv": UV, "venv-python": VENV_PYTHON, "product": PRODUCT, "apt-get": APT_GET}
        stubs |= {"id": ID}
        stubs |= {f"python3{minor}": PYTHON for minor in ("", ".11", ".12", ".13", ".14")}
        stubs |= {"python": PYTHON}
        for name, text in stubs.items():
            (self.stubs / name).write_text(text)
            (self.stubs / name).chmod(0o755)

    def run(self, *words: str, script: Path | None = None, cwd: str = "/", **settings: str):
        return subprocess.run(
            [*self.shell, str(script or self.root / "mingcha"), *words],
            cwd=cwd,
            env={
                "PATH": f"{self.stubs}:/usr/bin:/bin",
                "HOME": str(self.root.parent),
                "STUBS": str(self.stubs),
                "REAL_PYTHON": sys.executable,
                **settings,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def log(self) -> list[str]:
        log = self.stubs / "log"
        return log.read_text().splitlines() if log.exists() else []

    def synced(self) -> list[str]:
        return [line for line in self.log if line.startswith("uv sync")]


@pytest.fixture(params=SHELLS)
def checkout(request, tmp_path):
    return Checkout(tmp_path, SHELLS[request.param])


def test_the_first_run_sets_up_and_hands_over(checkout):
    done = checkout.run("token", "a b", "")
    assert (done.returncode, done.stdout) == (0, "handed over: [token] [a b] []\n")
    assert "minute" in done.stderr
    assert [line.split()[0] for line in checkout.log] == ["pip", "uv", "probe"]
    assert "--frozen" in checkout.synced()[0]


def test_the_second_run_starts_nothing_and_says_nothing(checkout):
    checkout.run("doctor")
    before = checkout.log
    done = checkout.run("doctor")
    assert (done.stdout, done.stderr) == ("handed over: [doctor]\n", "")
    assert checkout.log == before


def test_it_runs_through_links_and_from_anywhere(checkout, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "one").symlink_to("../the checkout/mingcha")
    (tmp_path / "two").symlink_to(tmp_path / "bin" / "one")
    assert checkout.run("x", script=tmp_path / "two").stdout == "handed over: [x]\n"
    assert checkout.run("x", script=Path("mingcha"), cwd=str(checkout.root)).returncode == 0
    assert checkout.run("x", script=Path("../two"), cwd=str(tmp_path / "bin")).returncode == 0
    assert len(checkout.synced()) == 1


def test_it_speaks_the_users_language(checkout):
    assert "正在安装组件" in checkout.run("x", LANG="zh_CN.UTF-8").stderr


@pytest.mark.parametrize(
    ("verb", "settings", "part"),
    [
        ("test", {}, "--group test"),
        ("bench", {}, "--group test"),
        ("serve", {"MINGCHA_DATABASE_URL": "postgresql+psycopg://x/y"}, "--extra postgresql"),
        ("serve", {"MINGCHA_BLOB_URL": "s3://bucket"}, "--extra s3"),
        ("serve", {"MINGCHA_QUEUE_URL": "redis://x"}, "--extra redis"),
    ],
)
def test_what_a_verb_or_a_url_needs_comes_with_it_and_stays(checkout, verb, settings, part):
    checkout.run("doctor")
    checkout.run(verb, **settings)
    assert [part in line for line in checkout.synced()] == [False, True]
    checkout.run("doctor")
    (checkout.root / "uv.lock").write_text("lock 2")
    checkout.run("doctor")
    assert [part in line for line in checkout.synced()] == [False, True, True]


def test_a_moved_checkout_is_set_up_anew(checkout, tmp_path):
    checkout.run("x")
    checkout.root = checkout.root.rename(tmp_path / "elsewhere")
    (checkout.root / ".venv" / "old").touch()
    assert checkout.run("x").returncode == 0
    assert not (checkout.root / ".venv" / "old").exists()


def test_a_python_that_went_away_is_replaced(checkout):
    checkout.run("x")
    python = checkout.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert checkout.run("x").returncode == 0
    assert len(checkout.synced()) == 2


def test_two_at_once_set_up_once(checkout):
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(checkout.run, "x", STUB_UV_SECONDS="1") for _ in range(2)]
    assert [run.result().returncode for run in runs] == [0, 0]
    assert len(checkout.synced()) == 1
    assert any("waiting" in run.result().stderr for run in runs)


def test_translations_are_compiled_by_whoever_may_write(checkout):
    folder = checkout.root / "webapp/translations/en/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").touch()
    checkout.run("x")
    assert checkout.log[-1] == "compile"
    (folder / "messages.mo").touch()
    checkout.run("x")
    os.utime(folder / "messages.mo", (0, 0))
    checkout.run("x")
    assert checkout.log.count("compile") == 2


def test_a_failed_set_up_says_so_and_is_tried_again(checkout):
    done = checkout.run("x", STUB_UV_FAILS="1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no network" in done.stderr
    assert "run this again" in done.stderr
    assert checkout.run("x").returncode == 0


def test_a_mirror_is_asked_by_name_and_hash(checkout):
    checkout.run("x", PIP_INDEX_URL="https://mirror.example/simple")
    called = [line for line in checkout.log if line.startswith("uv ")]
    assert called[0].split()[1] == "export"
    assert any("--require-hashes" in line and "mirror.example" in line for line in called)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"STUB_NO_PYTHON": "1"}, "Python 3.11"), ({"STUB_NO_PIP": "1"}, "python3-pip")],
)
def test_what_only_the_system_can_bring_is_named(checkout, settings, words):
    done = checkout.run("x", **settings)
    assert done.returncode == 1
    assert words in done.stderr


def test_without_pango_an_ordinary_user_is_told_what_to_ask_for(checkout):
    done = checkout.run("serve", STUB_NO_PANGO="1")
    assert done.stdout == "handed over: [serve]\n"
    assert "apt-get install -y libpango-1.0-0" in done.stderr
    assert not any(line.startswith("apt-get") for line in checkout.log)
    assert checkout.run("token", "lin", STUB_NO_PANGO="1").stderr == ""
    assert "apt-get install" in checkout.run("serve", STUB_NO_PANGO="1").stderr


def test_root_gets_pango_installed_once(checkout):
    done = checkout.run("serve", STUB_NO_PANGO="1", STUB_UID="0")
    assert "Installing the typesetting library" in done.stderr
    assert [line.split()[-1] for line in checkout.log if "apt-get" in line] == [
        "update",
        "libharfbuzz-subset0",
    ]
    assert checkout.run("serve", STUB_NO_PANGO="1", STUB_UID="0").stderr == ""


def test_root_without_the_packages_goes_on_with_pdfs_off(checkout):
    done = checkout.run("serve", STUB_NO_PANGO="1", STUB_UID="0", STUB_APT_FAILS="1")
    assert done.stdout == "handed over: [serve]\n"
    assert "PDFs are off" in done.stderr


def test_a_folder_that_cannot_be_written_is_named(checkout):
    """Writing is tried as an account that may not, since root may everywhere."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        folder.chmod(0o755)
        there = Checkout(folder / "x", checkout.shell)
        there.root.chmod(0o555)
        account = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run(
            [*there.shell, str(there.root / "mingcha"), "x"],
            env={"PATH": f"{there.stubs}:/usr/bin:/bin", "STUBS": str(there.stubs)},
            capture_output=True,
            text=True,
            check=False,
            **account,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert f"Cannot write to {there.root}" in done.stderr
    finally:
        there.root.chmod(0o755)
        shutil.rmtree(folder)


def test_the_shipped_launcher_may_be_run():
    assert os.access(ROOT / "mingcha", os.X_OK)
