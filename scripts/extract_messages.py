"""Bring ``messages.po`` up to date with the Chinese messages of code and templates.

``scripts/extract_messages.py`` keeps what is translated, drops what is no longer used and adds
what is new with an empty translation.  ``--check`` writes nothing.  Both list what is still to be
done; ``--check`` then exits 1.

The file names where a message stands, without line numbers: the same tree gives the same bytes,
and a moved line changes nothing.
"""

import io
import re
import sys
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "webapp/translations/en/LC_MESSAGES/messages.po"
FOLDERS = ("webapp", "templates")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "N_": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "false", "silent": "false"}}
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # its punctuation too
HEADER = """\
# English words of the interface.  Written by scripts/extract_messages.py; translate here.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def places_of_messages() -> dict[str, set[str]]:
    """Return each Chinese message with the files that say it."""
    found: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for name, _, words, _, _ in extract_from_dir(
            ROOT / folder, METHODS, OPTIONS, KEYWORDS, comment_tags=()
        ):
            message = words if isinstance(words, str) else words[0]
            if CHINESE.search(message):
                found.setdefault(message, set()).add(f"{folder}/{Path(name).as_posix()}")
    return found


def translations_in(po: Path) -> dict[str, str]:
    """Return what the catalogue translates."""
    if not po.exists():
        return {}
    with open(po, "rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="en") if m.id and m.string}


def catalogue_text(places: dict[str, set[str]], translations: dict[str, str]) -> str:
    """Return the text of ``messages.po``, ordered by file and message."""
    catalogue = Catalog(locale="en", fuzzy=False)
    for message in sorted(places, key=lambda message: (min(places[message]), message)):
        catalogue[message] = Message(
            message,
            translations.get(message, ""),
            locations=[(place, 1) for place in sorted(places[message])],
        )
    text = io.BytesIO()
    write_po(text, catalogue, width=100, omit_header=True, include_lineno=False)
    return HEADER + text.getvalue().decode("utf-8")


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if something is to be done.")
def main(*, check: bool) -> None:
    """Bring messages.po up to date and list what is not translated."""
    places, translations = places_of_messages(), translations_in(PO)
    untranslated = sorted(set(places) - set(translations))
    for message in untranslated:
        click.echo(f"not translated: {message}  ({', '.join(sorted(places[message]))})")
    text = catalogue_text(places, translations)
    if check:
        stale = not PO.exists() or PO.read_text("utf-8") != text
        if stale:
            click.echo(f"not up to date: {PO.relative_to(ROOT)}")
        sys.exit(1 if untranslated or stale else 0)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(text, "utf-8")
    click.echo(f"{len(places)} messages, {len(untranslated)} to translate")


if __name__ == "__main__":
    main()
