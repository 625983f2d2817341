"""The fonts that documents embed: shipped packed, unpacked once into the data folder.

``scripts/cut_fonts.py`` makes them.  There is no freely licensed 仿宋 or 小标宋: an office that
holds licences names its own files, and the defaults are Song and Song Bold.
"""

import hashlib
import lzma
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from webapp.core.config import ROOT

SHIPPED = ROOT / "static" / "fonts"


@dataclass(frozen=True)
class Face:
    """One font file: the CSS family and weight it stands for, its stem in ``static/fonts``."""

    family: str
    weight: int
    stem: str


FACES = (
    Face("Mingcha Song", 400, "MingchaSong-Regular"),
    Face("Mingcha Song", 700, "MingchaSong-Bold"),
    Face("Mingcha Hei", 500, "MingchaHei-Medium"),
    Face("Mingcha Kai", 400, "MingchaKai-Regular"),
)
FANGSONG, XIAOBIAOSONG = "Mingcha Fangsong", "Mingcha Xiaobiaosong"


@dataclass(frozen=True)
class Fonts:
    """Unpacked fonts, ready for ``@font-face``: (family, weight, file) of each."""

    files: tuple[tuple[str, int, Path], ...]

    def css(self) -> str:
        """Return the ``@font-face`` rules; files are named by ``mingcha-font:`` addresses."""
        return "\n".join(
            f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
            f"src: url(mingcha-font:{number}) }}"
            for number, (family, weight, _) in enumerate(self.files)
        )


def unpack(data_dir: Path, *, fangsong: Path | None = None, biaosong: Path | None = None) -> Fonts:
    """Unpack the shipped fonts below ``data_dir``, unless they are there, and name them all.

    ``fangsong`` and ``biaosong`` are the office's own licensed files.
    """
    folder = data_dir / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    files = [(face.family, face.weight, _unpacked(face.stem, folder)) for face in FACES]
    if fangsong:
        files.append((FANGSONG, 400, fangsong))
    if biaosong:
        files.append((XIAOBIAOSONG, 700, biaosong))
    return Fonts(tuple(files))


def _unpacked(stem: str, folder: Path) -> Path:
    """Return the plain font file; its name carries the digest of the packed one."""
    packed = (SHIPPED / f"{stem}.ttf.xz").read_bytes()
    target = folder / f"{stem}-{hashlib.sha256(packed).hexdigest()[:12]}.ttf"
    if target.exists():
        return target
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{stem}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(lzma.decompress(packed))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target
