"""What working papers (底稿、笔录、清单) share: the shell, the places to sign.

They are no official document type (公文文种): no red head, a system number, and each page has the
places where those concerned sign.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from webapp.documents.kinds.base import SEAL, Signer, rows, said
from webapp.documents.kinds.drawing import numeral
from webapp.documents.snapshot import Drafted

if TYPE_CHECKING:
    from webapp.accounts.models import User

STYLES = ("document", "working")


def layout(paper: Drafted, *, names: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return what the shell ``_working.html`` needs; ``names`` are printed beside the places,
    with those that ``base.names_of`` knows.
    """  # noqa: D205 - one sentence
    return {"numeral": numeral, "said": said(paper), "rows": rows(paper), "names": names or {}}


def signers(*parts: tuple[str, str]) -> tuple[Signer, ...]:
    """Return who signs, as (role, label), each in a place of its own; the seal comes last."""
    places = (Signer(role, label, f"sign-{n}") for n, (role, label) in enumerate(parts, start=1))
    return (*places, SEAL)


def person(user: "User") -> dict[str, str]:
    """Return somebody as an answer to a question of the kind ``person``."""
    return {"name": user.name, "position": user.position}
