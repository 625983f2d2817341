"""``mingcha bench``: measures this checkout on this machine and prints the figures as JSON."""

import json
import sys
from importlib import import_module
from typing import Any

import click

from webapp.core.config import ROOT


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Measure only this; may be repeated.")
@click.option("--seconds", default=4.0, show_default=True, help="Length of one round under load.")
@click.option("--rounds", default=5, show_default=True, help="Rounds; each figure is a median.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON alone, nothing while measuring.")
def command(*, only: tuple[str, ...], seconds: float, rounds: int, as_json: bool) -> None:
    """Measure this installation's pace; changes nothing that is stored."""
    sys.path.insert(0, str(ROOT))
    known: dict[str, str] = import_module("bench").BENCHMARKS
    if strange := set(only) - set(known):
        raise click.UsageError(f"no such benchmark: {', '.join(strange)}; there are {list(known)}")
    measured: dict[str, Any] = {"machine": import_module("bench.figures").machine()}
    for name in known:
        if not only or name in only:
            if not as_json:
                click.echo(f"{name}: {known[name]} …", err=True)
            measured[name] = import_module(f"bench.{name}").run(rounds, seconds)
    click.echo(json.dumps(measured, ensure_ascii=False, indent=2))
