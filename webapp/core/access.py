"""Every route says who may use it; a route that does not keeps the application from starting.

The permissions themselves belong to ``accounts``; here is only the mark and the check of the marks.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = Callable[..., Any]
F = TypeVar("F", bound=View)


def public(view: F) -> F:
    """Mark a view that anybody may use."""
    view.__permission__ = "public"  # type: ignore[attr-defined]
    return view


def permission_of(view: View) -> str | None:
    """Return the mark of a view: ``public``, ``signed_in``, a permission, or nothing."""
    return getattr(view, "__permission__", None)


def insist(app: Flask) -> None:
    """Refuse to start with an unmarked route.

    :raises RuntimeError: names the routes that say nothing about access.
    """
    bare = [rule.rule for rule in app.url_map.iter_rules()
            if permission_of(app.view_functions[rule.endpoint]) is None]  # fmt: skip
    if bare:
        raise RuntimeError(f"routes without @requires or @public: {', '.join(bare)}")
