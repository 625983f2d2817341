"""``mingcha keys``: show, replace and revoke what documents are signed with."""

import json
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from cryptography import x509

from webapp.core.clock import now
from webapp.core.config import Settings
from webapp.core.errors import N_, Invalid, Refused
from webapp.documents import authority, keys, personal

F = TypeVar("F")


def refusals(function: F) -> F:
    """Turn a refusal into one line and a failing exit status."""

    @wraps(cast(Any, function))
    def inside(*args: Any, **kwargs: Any) -> Any:
        try:
            return cast(Any, function)(*args, **kwargs)
        except Refused as refusal:
            raise click.ClickException(str(refusal)) from refusal

    return cast(F, inside)


@click.group()
def command() -> None:
    """Show or replace the signing keys."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print for a program.")
@refusals
def show(as_json: bool) -> None:
    """Show every certificate that seals (*) or sealed, those of persons (+), and the roots."""
    folder = Settings().keys_dir
    own = keys.load(folder)
    rows = [_told(each, signs=authority.fingerprint(each) == own.fingerprint, is_person=False)
            for each in keys.certificates(folder)]  # fmt: skip
    rows += [_told(each, signs=False, is_person=True) for each in personal.certificates(folder)]
    if as_json:
        click.echo(json.dumps({"certificates": rows, "roots": len(own.roots)}, ensure_ascii=False))
        return
    for row in rows:
        mark = "*" if row["signs"] else "+" if row["person"] else " "
        click.echo(f"{mark} {row['name']}  → {str(row['valid_until'])[:10]}  {row['fingerprint']}")


def _told(certificate: x509.Certificate, *, signs: bool, is_person: bool) -> dict[str, Any]:
    return {
        "name": authority.name_of(certificate),
        "fingerprint": authority.fingerprint(certificate),
        "valid_from": certificate.not_valid_before_utc.isoformat(),
        "valid_until": certificate.not_valid_after_utc.isoformat(),
        "signs": signs,
        "person": is_person,
    }


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.password_option(
    "--passphrase",
    envvar="MINGCHA_SIGNING_P12_PASSWORD",
    confirmation_prompt=False,
    help="Passphrase of the file; asked for when absent.",
)
@refusals
def import_(file: Path, passphrase: str) -> None:
    """Sign with the certificate in FILE (PKCS#12: .p12, .pfx) from now on."""
    own = keys.import_pkcs12(Settings().keys_dir, file, passphrase, at=now())
    click.echo(f"{own.name}  {own.fingerprint}")


@command.command()
@click.option("--out", type=click.Path(path_type=Path), help="Also write the list there (DER).")
@click.option("--revoke", default="", help="Fingerprint of a certificate that counts no longer.")
@refusals
def crl(out: Path | None, revoke: str) -> None:
    """Issue the revocation list of the built-in authority anew; it holds for one year."""
    folder = Settings().keys_dir
    certificate = None
    if revoke:
        every = [*keys.certificates(folder), *personal.certificates(folder)]
        known = {authority.fingerprint(each): each for each in every}
        certificate = known.get(revoke.lower())
        if certificate is None:
            raise Invalid(N_("没有指纹为 %(fingerprint)s 的证书"), fingerprint=revoke)
    der = keys.renew_crl(folder, at=now(), revoke=certificate)
    if out is not None:
        out.write_bytes(der)
    click.echo(str(out or folder / "ca" / "crl.der"))
