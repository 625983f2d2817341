"""``mingcha verify``: tell whether a PDF is the archived document, in plain words."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from babel.support import Translations

from webapp.cli import with_app
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.core.errors import N_, Refused
from webapp.documents import keys, ledger
from webapp.documents.keys import Keys
from webapp.documents.seen import Signature
from webapp.documents.sentences import State
from webapp.documents.verdict import Verdict
from webapp.documents.verification import FindExpected, verify_with_ledger

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
MARKS = {
    State.ORIGINAL: "✔",
    State.REVOKED: "✘",
    State.SUPERSEDED: "✘",
    State.ALTERED: "✘",
    State.UNKNOWN: "?",
    State.REFUSED: "!",
}
SIGNED = N_("签名：%(signer)s，证书签发者 %(issuer)s，自称时间 %(time)s，级别 %(level)s")
STAMPED = N_("时间戳：%(signer)s，证明的时间 %(time)s")
NO_TIME = N_("未注明")

Translate = Callable[[str], str]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--code", default="", help="The code or number printed on the paper.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict for a program.")
@with_app
def command(file: Path, code: str, as_json: bool) -> None:
    """Tell whether FILE is a genuine, unaltered document; exit 0 only then."""
    settings = Settings()
    try:
        own = keys.load(settings.keys_dir)
        tsa_roots = keys.trusted_roots(settings.tsa_roots)
    except Refused as refusal:
        raise click.ClickException(refusal.message % refusal.params) from refusal
    with db.reading() as session:
        status = report(
            file,
            keys=own,
            find_expected=lambda name: ledger.find_expected(session, name),
            code=code,
            as_json=as_json,
            zone=settings.zone,
            tsa_roots=tsa_roots,
        )
    sys.exit(status)


def report(
    file: Path,
    *,
    keys: Keys,
    find_expected: FindExpected,
    code: str = "",
    as_json: bool = False,
    zone: ZoneInfo,
    tsa_roots: tuple[bytes, ...] = (),
) -> int:
    """Print the verdict on a file; return 0 if it is genuine and unaltered, else 1."""
    verdict = verify_with_ledger(
        file, keys=keys, find_expected=find_expected, code=code, tsa_roots=tsa_roots
    )
    translate = translator(os.environ)
    if as_json:
        click.echo(json.dumps(verdict.as_json(translate), ensure_ascii=False, indent=2))
    else:
        for line in words(verdict, translate, zone):
            click.echo(line)
    return 0 if verdict.genuine else 1


def words(verdict: Verdict, translate: Translate, zone: ZoneInfo) -> list[str]:
    """Return the verdict as lines of plain words."""
    lines = [f"{MARKS[verdict.state]} {verdict.headline.said(translate)}"]
    lines += [f"  - {reason.said(translate)}" for reason in verdict.reasons]
    lines += [f"  - {_signature(each, translate, zone)}" for each in verdict.signatures
              if each.readable]  # fmt: skip
    if verdict.sha256:
        lines.append(f"  SHA-256 {verdict.sha256}")
    return lines


def translator(environment: "os._Environ[str] | dict[str, str]") -> Translate:
    """Return the translation that the environment asks for: English for ``en``, else Chinese."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((environment[name] for name in names if environment.get(name)), "")
    if not wanted.lower().startswith("en"):
        return str
    return Translations.load(TRANSLATIONS, ["en"]).gettext


def _signature(signature: Signature, translate: Translate, zone: ZoneInfo) -> str:
    claimed = signature.stamped_at if signature.timestamp else signature.time_claimed
    time = claimed.astimezone(zone).strftime("%Y-%m-%d %H:%M") if claimed else translate(NO_TIME)
    return translate(STAMPED if signature.timestamp else SIGNED) % {
        "signer": signature.signer,
        "issuer": signature.issuer,
        "time": time,
        "level": signature.level,
    }
