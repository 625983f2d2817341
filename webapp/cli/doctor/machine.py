"""Checks of the machine: Python, Pango, fonts, folders, the clock, the address.

Each imports what it looks at itself, so that one broken part spoils one line.
"""

import ctypes
import os
import platform
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from webapp.cli.doctor.diagnosis import Result, Words, fail, ok, same, warn

if TYPE_CHECKING:
    from webapp.core.config import Settings

PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")
PANGO_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
KEY_FILES = {"key.pem"}
GIB = 1024**3
RELEASED_AT = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
CLOCK_UNSYNCHRONISED = 5  # what adjtimex(2) answers then


def python(_settings: "Settings") -> Result:
    """Name the Python in use; the launcher refuses one that is too old."""
    return ok(same(f"{platform.python_version()} ({sys.executable})"))


def pango(_settings: "Settings") -> Result:
    """Load what draws PDFs: only that tells whether it is usable."""
    missing = [name for name in PANGO if not _loads(name)]
    if not missing:
        return ok(Words("可以生成 PDF", "PDFs can be made"))
    return fail(
        Words(f"缺少 {'、'.join(missing)}，不能生成 PDF", f"no {', '.join(missing)}: PDFs are off"),
        Words(f"以 root 运行：{PANGO_LINE}", f"As root, run: {PANGO_LINE}"),
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def fonts(settings: "Settings") -> Result:
    """Look for the fonts that documents embed: ours, and the office's own if it names any."""
    from webapp.documents.fonts import FACES, SHIPPED

    wanted = [SHIPPED / f"{face.stem}.ttf.xz" for face in FACES]
    wanted += [path for path in (settings.font_fangsong, settings.font_xiaobiaosong) if path]
    missing = [str(path) for path in wanted if not os.access(path, os.R_OK)]
    if not missing:
        return ok(Words(f"{len(wanted)} 个字体文件齐全", f"all {len(wanted)} files are there"))
    return fail(
        Words(f"缺少 {'、'.join(missing)}", f"missing: {', '.join(missing)}"),
        Words(
            "请重新取得完整的程序文件；自备字体请检查 MINGCHA_FONT_… 的路径",
            "Get a complete copy of the product; for fonts of your own check MINGCHA_FONT_…",
        ),
    )


def standing(path: Path) -> Path:
    """Return ``path``, or the nearest folder above it that is already there."""
    while not path.exists():
        path = path.parent
    return path


def data_dir(settings: "Settings") -> Result:
    """See that the data folder is on a local disk and takes files."""
    from webapp.core.db import NETWORK_FILE_SYSTEMS, file_system_of

    folder = settings.data_dir
    kind = file_system_of(standing(folder))
    if kind in NETWORK_FILE_SYSTEMS:
        return fail(
            same(f"{folder} ({kind})"),
            Words(
                "网络文件系统会丢数据：请把 MINGCHA_DATA_DIR 设在本机磁盘上",
                "A network file system loses data: put MINGCHA_DATA_DIR on a local disk",
            ),
        )
    try:
        with tempfile.TemporaryFile(dir=standing(folder)):
            return ok(same(f"{folder} ({kind})"))
    except OSError as error:
        return fail(
            same(f"{folder}: {error.strerror}"),
            Words(
                "请把该目录交给运行服务的账号，或另设 MINGCHA_DATA_DIR",
                "Give the folder to the account that runs the service, or set MINGCHA_DATA_DIR",
            ),
        )


def keys(settings: "Settings") -> Result:
    """See that nobody but the owner can read the keys."""
    exposed = [path for path in _secrets(settings) if _is_exposed(path)]
    if not exposed:
        return ok(Words("仅所有者可读", "only their owner can read them"))
    return fail(
        Words(f"他人可以读取 {exposed[0]}", f"others can read {exposed[0]}"),
        same(f"chmod go= {' '.join(map(str, exposed))}"),
    )


def _secrets(settings: "Settings") -> Iterator[Path]:
    yield settings.data_dir / "secret_key"
    for folder in (settings.keys_dir, settings.data_dir / "tls"):
        yield from (path for path in folder.rglob("*") if path.name in KEY_FILES)
    if settings.signing_p12:
        yield settings.signing_p12


def _is_exposed(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def disk(settings: "Settings") -> Result:
    """See how much room is left for photos and documents."""
    free = shutil.disk_usage(standing(settings.data_dir)).free / GIB
    found = Words(f"剩余 {free:.1f} GiB", f"{free:.1f} GiB free")
    remedy = Words(
        "请腾出空间，或把数据目录移到更大的磁盘",
        "Make room, or move the data folder to a larger disk",
    )
    if free >= 2:
        return ok(found)
    return warn(found, remedy) if free >= 0.25 else fail(found, remedy)


def clock(settings: "Settings") -> Result:
    """See whether the clock can be believed: documents are dated by it."""
    now = datetime.now(ZoneInfo(settings.timezone)).strftime("%Y-%m-%d %H:%M:%S %Z")
    remedy = Words("打开时间同步：timedatectl set-ntp true", "Run: timedatectl set-ntp true")
    if time.time() < RELEASED_AT:
        return fail(Words(f"{now}，早于本程序", f"{now}, before this release was made"), remedy)
    if _adjtimex() == CLOCK_UNSYNCHRONISED:
        return warn(Words(f"{now}，未同步", f"{now}, not synchronised"), remedy)
    return ok(same(now))


def _adjtimex() -> int:
    """Ask the kernel how it keeps time, changing nothing; -1 where it does not say."""
    try:
        return int(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)))
    except (OSError, AttributeError):
        return -1


def address(settings: "Settings") -> Result:
    """See whether phones can use the public address: they keep work offline over HTTPS only."""
    url = urlsplit(settings.base_url)
    found = same(settings.base_url)
    if url.scheme == "https" and url.hostname:
        return ok(found)
    if url.scheme != "http" or not url.hostname:
        return fail(
            found,
            Words(
                "MINGCHA_BASE_URL 应是 https:// 开头的地址",
                "MINGCHA_BASE_URL must begin with https://",
            ),
        )
    return warn(
        Words(
            f"{found.zh}，手机要有 HTTPS 才能离线保存",
            f"{found.en}; phones need HTTPS to work offline",
        ),
        Words(
            "按 docs/operations.md 配好 TLS，再设 MINGCHA_BASE_URL",
            "Set up TLS as docs/operations.md says, then set MINGCHA_BASE_URL",
        ),
    )
