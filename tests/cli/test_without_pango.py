import os
import subprocess
import sys

# What happens on a machine without Pango: the import of WeasyPrint fails with an OSError.
NO_PANGO = """
import sys

class NoPango:
    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")

sys.meta_path.insert(0, NoPango())
"""


def python(script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", NO_PANGO + script],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_pango_the_product_starts_and_answers(tmp_path):
    script = """
from webapp.cli import ready_app
print(ready_app().test_client().get("/healthz").get_json())
"""
    done = python(script, MINGCHA_DATA_DIR=str(tmp_path / "var"))
    assert done.stdout == "{'status': 'ok'}\n", done.stderr[-2000:]
