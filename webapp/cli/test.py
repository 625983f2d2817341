"""Runs every check the project has, the quick ones first and pytest last."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

Step = tuple[str, Sequence[str]]
# A test that hangs (a browser may never answer) is told and ended; it does not hold up the rest.
PATIENCE = ("-o", "faulthandler_timeout=300", "-o", "faulthandler_exit_on_timeout=true")


def has_postgresql() -> bool:
    """Tell whether a PostgreSQL server can be started; Debian keeps its programs off the PATH."""
    return bool(shutil.which("initdb") or [*Path("/usr/lib/postgresql").glob("*/bin/initdb")])


def has_chinese_font() -> bool:
    """Tell whether the system has any font with Chinese, the browser's fallback in screenshots."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)  # noqa: S607
    return bool(listed.stdout.strip())


def _on_path(program: str) -> Callable[[], bool]:
    return lambda: shutil.which(program) is not None


def has_webkit() -> bool:
    """Tell whether the system's Python can show WebKit (tests/e2e/offline/webkit_browser)."""
    return bool([*Path("/usr/lib").glob("*/girepository-1.0/WebKit2-4.1.typelib")])


def has_system_gi() -> bool:
    """Tell whether the system's Python has the bindings for it."""
    return Path("/usr/lib/python3/dist-packages/gi").is_dir()


# Debian package → whether what the tests want of it is already here.
PACKAGES: dict[str, Callable[[], bool]] = {
    "busybox": _on_path("busybox"),
    "chromium": _on_path("chromium"),
    "fontconfig": _on_path("fc-list"),
    "fonts-noto-cjk": has_chinese_font,
    "gir1.2-webkit2-4.1": has_webkit,
    "mupdf-tools": _on_path("mutool"),
    "nodejs": _on_path("node"),
    "openssl": _on_path("openssl"),
    "poppler-utils": _on_path("pdfsig"),
    "postgresql": has_postgresql,
    "python3-gi": has_system_gi,
    "qpdf": _on_path("qpdf"),
    "softhsm2": _on_path("softhsm2-util"),
    "redis-server": _on_path("redis-server"),
    "webkit2gtk-driver": _on_path("WebKitWebDriver"),
    "xvfb": _on_path("Xvfb"),
}


def missing_packages() -> list[str]:
    """Name the Debian packages that the suite uses and this machine lacks."""
    return [package for package, is_here in PACKAGES.items() if not is_here()]


def install(packages: list[str]) -> None:
    """Install Debian packages; a failure is shown, and the tests that need them then fail."""
    click.echo(f"Installing for the tests: {' '.join(packages)}")
    apt = ["apt-get", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=300"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(  # noqa: S603 - words of our own
            [*apt, *arguments],
            env=quiet,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            click.echo("\n".join(done.stdout.splitlines()[-5:]), err=True)


def prepare() -> None:
    """Bring in what the suite uses, or say plainly what is not there."""
    missing = missing_packages()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        install(missing)
        missing = missing_packages()
    if missing:
        click.secho(
            "Not on this machine; the tests that need it will FAIL, none is skipped:\n"
            f"    {' '.join(missing)}\n"
            f"On Debian, as root: apt-get install -y --no-install-recommends {' '.join(missing)}",
            fg="yellow",
            err=True,
        )


def quick_steps() -> Iterator[Step]:
    """Yield the checks that come before pytest, each with a name to report it by."""
    yield "import-linter", [str(BIN / "lint-imports")]
    yield "ruff check", [str(BIN / "ruff"), "check", "."]
    yield "ruff format", [str(BIN / "ruff"), "format", "--check", "."]
    yield "mypy", [str(BIN / "mypy")]
    # Named one by one: releases of Node differ in what they make of a folder.
    scripts = sorted(str(path) for path in (ROOT / "tests/js").rglob("*.test.*js"))
    yield (
        "node --test",
        ["node", "--test", "--test-reporter=spec", *(scripts or ["tests/js holds no *.test.js"])],
    )


def environment(*, is_long: bool) -> dict[str, str]:
    """Return the environment for the checks: an operator's settings must not reach a test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINGCHA_")}
    return {**kept, "MINGCHA_TEST_LONG": "1"} if is_long else kept


def run(step: Step, env: dict[str, str]) -> bool:
    """Run one check in the checkout, its output straight through; tell whether it passed."""
    name, words = step
    click.secho(f"== {name}", bold=True)
    started = time.monotonic()
    try:
        status = subprocess.run(words, cwd=ROOT, env=env, check=False).returncode  # noqa: S603
    except FileNotFoundError as error:
        click.echo(f"{error.filename}: not found", err=True)
        status = 127
    if status:
        took = time.monotonic() - started
        click.secho(f"== {name} FAILED (exit status {status}, {took:.0f} s)", fg="red", err=True)
    return status == 0


@click.command("test", context_settings={"ignore_unknown_options": True})
@click.option("--long", "is_long", is_flag=True, help="Also run what takes many minutes.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(*, is_long: bool, arguments: tuple[str, ...]) -> None:
    """Run the checks: imports, lint, types, scripts, then the test-suite.

    Further ARGUMENTS go to pytest, which then runs alone:
    ./mingcha test tests/accounts -k password
    """
    prepare()
    env = environment(is_long=is_long)
    pytest = [sys.executable, "-m", "pytest", *(() if is_long else PATIENCE)]
    if arguments:
        steps: list[Step] = [("pytest", [*pytest, *arguments])]
    else:
        steps = [*quick_steps(), ("pytest", [*pytest, "-n", "2"])]
    failed = [step[0] for step in steps if not run(step, env)]
    if failed:
        click.secho(f"Failed: {', '.join(failed)}", fg="red", bold=True, err=True)
        raise SystemExit(1)
