"""``mingcha demo``: a fictional bureau with two weeks of inspections, ready to be tried."""

from webapp.cli.demo.command import command

__all__ = ["command"]
