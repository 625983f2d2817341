"""Pages of drafts: choose a kind, fill it in, look at it, hand it on or issue it."""

from webapp.documents.drafting.views import choosing, filling, handing_on, looking
from webapp.documents.drafting.views.board import bp

__all__ = ["bp", "choosing", "filling", "handing_on", "looking"]
