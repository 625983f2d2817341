"""The verb itself: checks, loads, prints the sign-in links, serves."""

import os
import socket
import unicodedata
from ipaddress import IPv4Address
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import create_engine, inspect, select

from webapp.accounts.models import Bureau
from webapp.accounts.views import demo_link
from webapp.cli.demo import cast, lan, loading
from webapp.cli.doctor.diagnosis import State
from webapp.cli.doctor.machine import pango
from webapp.core.clock import now
from webapp.core.config import ROOT, Settings
from webapp.core.db import db
from webapp.core.tls import Tls, certificate_for

DATA_DIR = ROOT / "var"
MARK = """\
演示数据，全部虚构，可以整个删除。
Fictional demo data made by "mingcha demo"; safe to delete as a whole.
"""
FIRST_STEPS = """\
先试：用“督查员”的链接填一项任务、签名、提交，用“分管领导”的链接审核，再到“档案员”处看签章的 PDF。
Try first: hand in a task as inspector, review it as supervisor, see the PDFs as archivist.
"""


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--data", "data_dir", type=click.Path(file_okay=False, path_type=Path),
    envvar="MINGCHA_DATA_DIR", default=DATA_DIR, help="Folder of the demo  [default: var].",
)  # fmt: skip
@click.option("--serve/--no-serve", default=True, help="Serve it, or only load it.")
@click.option("--lan", "on_lan", is_flag=True, help="Answer phones on the same network, over TLS.")
@click.option(
    "--address",
    type=IPv4Address,
    help="With --lan: this machine's address there  [default: found].",
)
def command(
    port: int, data_dir: Path, serve: bool, on_lan: bool, address: IPv4Address | None
) -> None:
    """Load fictional demo data once, and serve it.

    The demo has its own data folder; one that holds anything else is refused.
    """
    data_dir = data_dir.expanduser().resolve()
    host = str(address or lan.address_here()) if on_lan else "127.0.0.1"
    door = port + 1
    for taken in ((port, door) if on_lan else (port,)) if serve else ():
        refuse_busy_port(host, taken)
    claim(data_dir)
    tls = certificate_for(data_dir, host, now()) if on_lan else None
    base_url = f"{'https' if tls else 'http'}://{host}:{port}"
    os.environ |= {"MINGCHA_DATA_DIR": str(data_dir), "MINGCHA_BASE_URL": base_url}
    refuse_other_database(Settings())
    app = load()
    left = loading.unfinished()
    show(app.extensions["settings"], base_url, data_dir, tls, f"http://{host}:{door}/trust")
    for line in left:
        click.secho(f"文书未完成 document not finished  {line}", fg="yellow", err=True)
    db.engine.dispose()
    if serve:
        _serve(host, port, door, tls)
    elif left and pango(Settings()).state is State.OK:
        raise click.ClickException("有文书没有生成，请运行 ./mingcha doctor / see ./mingcha doctor")


def claim(data_dir: Path) -> None:
    """Mark an empty folder as the demo's.

    :raises click.ClickException: it holds something that is not a demo's.
    """
    mark = data_dir / "DEMO"
    if not mark.exists() and data_dir.exists() and any(data_dir.iterdir()):
        raise click.ClickException(
            f"{data_dir} 里有不是演示的数据，没有改动。请用 --data 另指一个空文件夹。\n"
            f"{data_dir} holds data that is not a demo's; nothing was changed. "
            "Name an empty folder with --data."
        )
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.write_text(MARK, "utf-8")


def refuse_other_database(settings: Settings) -> None:
    """Keep the demo out of a database server that already serves a bureau.

    :raises click.ClickException: the database holds bureaus, and not the demo's.
    """
    if not settings.database_url:
        return
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        known = inspect(connection).has_table(Bureau.__tablename__)
        names = set(connection.scalars(select(Bureau.name))) if known else set()
    engine.dispose()
    if names and cast.HOME not in names:
        raise click.ClickException(
            "MINGCHA_DATABASE_URL 指向的数据库里有真实数据，没有改动。\n"
            "MINGCHA_DATABASE_URL names a database with data that is not a demo's; "
            "nothing was changed."
        )


def refuse_busy_port(host: str, port: int) -> None:
    """Say so at once where somebody already listens.

    :raises click.ClickException: the port is taken or not ours to take.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"端口 {port} 不能使用（{error.strerror}）。请换一个，例如 --port {port + 1}。\n"
                f"Port {port} is not available ({error.strerror}). "
                f"Choose another, as in --port {port + 1}."
            ) from None


def load() -> Flask:
    """Build the application, load what is missing, do the work that is owed."""
    from webapp.cli import ready_app

    app = ready_app()
    with app.app_context():
        if not loading.load(app):
            click.echo("演示数据已在，沿用。 The demo data is there and is kept.")
        loading.work()
    return app


def show(
    settings: Settings, base_url: str, data_dir: Path, tls: Tls | None, trust_url: str
) -> None:
    """Print who may sign in by which link, and what to try."""
    links = {p.username: base_url + demo_link(settings.secret_key, p.username) for p in cast.PEOPLE}
    rows = [("角色 Role", "姓名 Person", "一键登录 One-click sign-in")]
    rows += [(f"{p.role_zh} {p.role_en}", f"{p.name} {p.username}", links[p.username])
             for p in cast.PEOPLE]  # fmt: skip
    widths = [max(width_of(row[column]) for row in rows) for column in (0, 1)]
    click.echo()
    for role, person, link in rows:
        gaps = [" " * (widths[i] - width_of(cell) + 2) for i, cell in enumerate((role, person))]
        click.echo(f"{role}{gaps[0]}{person}{gaps[1]}{link}")
    click.echo(f"\n{FIRST_STEPS}")
    if tls:
        lan.show(tls, trust_url, links["lin"])
    else:
        click.echo("同一网络的手机试用：  For a phone on the same network:  ./mingcha demo --lan")
    click.echo(f"数据 Data: {data_dir}")
    named = "" if data_dir == DATA_DIR else f"MINGCHA_DATA_DIR={data_dir} "
    click.echo(f"其他命令 Other verbs: {named}./mingcha documents list\n")


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _serve(host: str, port: int, door: int, tls: Tls | None) -> None:
    from webapp.cli.serve import WORKER, run

    plain = ("webapp.cli.demo.door", host, str(door))
    click.echo("正在提供服务，按 Ctrl+C 停止。  Serving; press Ctrl+C to stop.")
    run(host, port, processes=2, beside=(WORKER, plain) if tls else (WORKER,), tls=tls)
