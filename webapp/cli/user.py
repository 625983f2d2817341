"""``mingcha user``."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import queries, service
from webapp.accounts.models import Bureau, Unit, UnitKind
from webapp.accounts.rules import Role
from webapp.cli import with_app
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Refused


@click.group()
def command() -> None:
    """Add people and set passwords."""


@command.command()
@click.argument("username")
@click.option("--name", required=True, help="Name as printed on documents.")
@click.option("--bureau", required=True, help="Name of the bureau; made if new.")
@click.option("--unit", required=True, help="Name of the unit within the bureau; made if new.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
)
@click.option("--position", default="", help="Position as printed on documents.")
@click.option(
    "--mark", default="", help="For a new bureau: what stands before 〔year〕 in numbers."
)
@click.option("--fonds", default="", help="For a new bureau: its fonds number (全宗号).")
@click.password_option(help="Asked for when absent.")
@with_app
def add(
    username: str, name: str, bureau: str, unit: str, roles: tuple[str, ...], position: str,
    mark: str, fonds: str, password: str,
) -> None:  # fmt: skip
    """Make an account."""
    try:
        with db.writing() as session:
            place = _bureau(session, bureau, mark, fonds)
            service.add_user(
                session,
                username=username,
                name=name,
                name_en=name,
                position=position,
                unit=_unit(session, place, unit),
                roles=[Role(role) for role in roles],
                password=password,
                by_id=None,
                at=now(),
            )
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{username}: ok")


def _bureau(session: Session, name: str, mark: str, fonds: str) -> Bureau:
    bureau = session.scalar(select(Bureau).filter_by(name=name))
    if bureau is None:
        bureau = Bureau(
            name=name, name_en=name, issuer=name, number_mark=mark or "×自然资党督",
            fonds_no=fonds or "J000", section_code="JDC",
        )  # fmt: skip
        session.add(bureau)
        session.flush()
    return bureau


def _unit(session: Session, bureau: Bureau, name: str) -> Unit:
    unit = session.scalar(select(Unit).filter_by(bureau_id=bureau.id, name=name))
    if unit is None:
        unit = Unit(
            name=name, name_en=name, kind=UnitKind.SECTION, bureau_id=bureau.id, bureau=bureau
        )
        session.add(unit)
        session.flush()
    return unit


@command.command()
@click.argument("username")
@click.password_option()
@with_app
def password(username: str, password: str) -> None:
    """Set a password and end all sessions of this person."""
    try:
        with db.writing() as session:
            user = queries.user_named(session, username)
            service.set_password(session, user, password, by_id=None, at=now())
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"{username}: ok")


@command.command("list")
@with_app
def list_() -> None:
    """List all accounts."""
    with db.reading() as session:
        for bureau in session.scalars(select(Bureau)):
            for user in queries.people_of(session, bureau.id):
                state = "active" if user.active else "off"
                click.echo(
                    f"{user.username}\t{user.name}\t{bureau.name}\t{user.unit.name}\t"
                    f"{','.join(user.role_names)}\t{state}"
                )
