"""Translations: Chinese stands in the code, English in one ``messages.po``."""

import os
import secrets
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.core.config import ROOT

FOLDER = ROOT / "webapp/translations"


def compile_translations(folder: Path = FOLDER) -> None:
    """Compile each ``messages.po`` that is newer than its ``messages.mo``."""
    for po in folder.rglob("messages.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        if os.access(po.parent, os.W_OK):  # else whoever installed the product has compiled them
            _compile(po, mo)


def _compile(po: Path, mo: Path) -> None:
    fresh = mo.with_name(f".{secrets.token_hex(4)}.mo")
    with open(po, "rb") as source, open(fresh, "wb") as target:
        write_mo(target, read_po(source, locale=po.parts[-3]))
    os.replace(fresh, mo)
