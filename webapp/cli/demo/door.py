"""The plain door beside the demo: ``python -m webapp.cli.demo.door HOST PORT``."""

import sys
from typing import Any

from webapp.cli.serve import OPTIONS, Server
from webapp.core.trust import PlainDoor


class Door(Server):
    """The same application, of which the door lets little be seen."""

    def load(self) -> Any:
        """Build the application behind the door."""
        from webapp.wsgi import create_app

        app = create_app()
        return PlainDoor(app, app.extensions["settings"].base_url)


if __name__ == "__main__":
    host, port = sys.argv[1:]
    Door((), bind=f"{host}:{port}", workers=1, **OPTIONS).run()
