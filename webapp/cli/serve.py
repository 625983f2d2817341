"""``mingcha serve``: gunicorn in front, the worker beside it."""

import gc
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import click
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from webapp.core.tls import Tls
from webapp.core.turns import Turns


class Beside:
    """A module that runs beside the server, and is started again when it dies."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.start()

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen([sys.executable, "-m", *self.words])  # noqa: S603
        self.started = time.monotonic()

    def keep(self) -> None:
        """Start it again if it has ended, but not over and over without a pause."""
        if self.process.poll() is not None and time.monotonic() - self.started > RESTART_SECONDS:
            print(f"{' '.join(self.words)} ended and is started again", file=sys.stderr)
            self.start()


class Master(Arbiter):
    """gunicorn's master process, which looks after what runs beside it too."""

    def __init__(self, app: BaseApplication, beside: Sequence[Beside]) -> None:
        super().__init__(app)
        self.beside = beside

    def murder_workers(self) -> None:
        """Look after everything; gunicorn calls this about once a second."""
        super().murder_workers()
        for one in self.beside:
            one.keep()


class Server(BaseApplication):
    """gunicorn with our settings; the application is built once per process."""

    def __init__(self, beside: Sequence[Beside], **options: Any) -> None:
        self.beside = beside
        self.options = options
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        Master(self, self.beside).run()

    def load_config(self) -> None:
        """Take the options over."""
        for key, value in self.options.items():
            self.cfg.set(key, value)

    def load(self) -> Any:
        """Build the application in the worker process."""
        from webapp.wsgi import create_app

        app = create_app()
        gc.collect()
        gc.freeze()  # the application stays: nothing in it is garbage to look for again and again
        gc.set_threshold(20_000, 20, 20)
        app.wsgi_app = Turns(app.wsgi_app, AT_ONCE)  # type: ignore[method-assign]
        return app


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--processes", default=2, show_default=True, help="Server processes.")
@click.option("--worker/--no-worker", default=True, help="Also do background work here.")
def command(host: str, port: int, processes: int, worker: bool) -> None:
    """Serve the product."""
    from webapp.cli import ready_app

    ready_app()
    run(host, port, processes, beside=(WORKER,) if worker else ())


WORKER = ("webapp.cli", "worker", "--processes", "1")
RESTART_SECONDS = 5.0
THREADS = 16  # so many phones may send or receive slowly to one process
AT_ONCE = 2  # so many are worked on meanwhile
OPTIONS = {
    "threads": THREADS,
    "worker_class": "gthread",
    "timeout": 60,
    "graceful_timeout": 20,
    "keepalive": 15,
    "umask": 0o077,
    "forwarded_allow_ips": "127.0.0.1",
    "loglevel": "warning",
}


def run(
    host: str, port: int, processes: int, *, beside: Sequence[Sequence[str]] = (),
    tls: Tls | None = None,
) -> None:  # fmt: skip
    """Serve until told to stop; the modules that run beside stop with the server."""
    shown = {"certfile": str(tls.certificate), "keyfile": str(tls.key)} if tls else {}
    kept = [Beside(words) for words in beside]
    try:
        Server(kept, bind=f"{host}:{port}", workers=processes, **OPTIONS, **shown).run()
    finally:
        for one in kept:
            one.process.terminate()
        for one in kept:
            one.process.wait(20)
