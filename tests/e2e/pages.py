"""Every page of the product: who sees it, where.  ``{names}`` are ids that ``bureau.py`` tells.

A new route that answers GET must be put on one of the two lists, or a test fails.
"""

NOBODY = ""

# endpoint → (who, path): one line for each face that a page has
PAGES: dict[str, list[tuple[str, str]]] = {
    "security.login": [(NOBODY, "/sign-in")],
    "security.verify": [("lin", "/sign-in/again")],
    "inspections.home": [("lin", "/"), ("sun", "/")],
    "inspections.new": [("lin", "/inspections/new")],
    "inspections.show": [
        ("lin", "/inspections/{draft}"),
        ("lin", "/inspections/{returned}"),
        ("lin", "/inspections/{cancelled}"),
        ("chen", "/inspections/{submitted}"),
        ("zhou", "/inspections/{approved}"),
        ("he", "/inspections/{approved}"),
        ("qian", "/inspections/{approved}"),
    ],
    "inspections.fill": [
        ("lin", "/inspections/{draft}/answers"),
        ("lin", "/inspections/{returned}/answers"),
    ],
    "inspections.signatures": [
        ("lin", "/inspections/{draft}/signatures"),
        ("lin", "/inspections/{unsigned}/signatures"),
    ],
    "inspections.check": [
        ("lin", "/inspections/{draft}/submission"),
        ("lin", "/inspections/{unsigned}/submission"),
    ],
    "reviews.index": [
        ("zhou", "/reviews"),
        ("zhou", "/reviews?state=returned"),
        ("zhou", "/reviews?state=approved"),
        ("sun", "/reviews"),
    ],
    "reviews.show": [
        ("zhou", "/reviews/{submitted}"),
        ("zhou", "/reviews/{again}?only=problems"),
        ("zhou", "/reviews/{returned}?only=problems"),
        ("zhou", "/reviews/{approved}?only=problems"),
    ],
    "reviews.submission": [
        ("zhou", "/reviews/{again}/submissions/1"),
        ("lin", "/reviews/{again}/submissions/2"),
    ],
    "findings.index": [
        ("zhou", "/findings"),
        ("zhou", "/findings?severity=critical"),
        ("qian", "/findings"),
        ("sun", "/findings"),
    ],
    "accounts.tokens": [("lin", "/tokens"), ("he", "/tokens")],
    "accounts.tokens_of": [("wu", "/people/{lin_id}/tokens")],
    "devices.index": [("zhou", "/devices"), ("wu", "/devices"), ("sun", "/devices")],
    "devices.mine": [("lin", "/devices/mine"), ("he", "/devices/mine")],
    "rescue.index": [("zhou", "/rescue"), ("sun", "/rescue")],
    "rescue.show": [("zhou", "/rescue/{rescue}")],
    "checklists.index": [("lin", "/checklists")],
    "checklists.show": [("lin", "/checklists/official-vehicles/1")],
    "policies.index": [("wu", "/policies"), ("zhou", "/policies")],
    "policies.show": [("wu", "/policies/lease.max_days"), ("zhou", "/policies/wf.per_head")],
    "documents.index": [("zhou", "/documents"), ("qian", "/documents"), ("sun", "/documents")],
    "documents.show": [
        ("zhou", "/documents/{document}"),
        ("he", "/documents/{document}"),
        ("wu", "/documents/{failed}"),
    ],
    "documents.drafting.index": [("lin", "/documents/drafts"), ("sun", "/documents/drafts")],
    "documents.drafting.new": [
        ("lin", "/documents/drafts/new"),
        ("lin", "/documents/drafts/new?kind=talk_record"),
    ],
    "documents.drafting.show": [("lin", "/documents/drafts/{drafted}")],
    "documents.drafting.preview": [
        ("lin", "/documents/previews/{preview}"),
        ("zhou", "/documents/previews/{foreseen}"),
    ],
    "documents.approvals.back": [("zhou", "/documents/previews/{foreseen}/review")],
    "documents.countersigning.show": [("lin", "/documents/{to_sign}/signature")],
    "documents.troubles": [("wu", "/documents/troubles"), ("sun", "/documents/troubles")],
    "documents.public.verify": [(NOBODY, "/verify")],
    "documents.public.paper": [(NOBODY, "/verify/{code}"), ("he", "/verify/{code}")],
    "archive.index": [("he", "/archive"), ("he", "/archive?q=没有的词"), ("sun", "/archive")],
    "archive.show": [("he", "/archive/{record}")],
    "archive.report": [("he", "/archive/fixity/{check}")],
    "accounts.people": [("wu", "/people")],
    "trust.index": [(NOBODY, "/trust")],
    "pwa.offline": [(NOBODY, "/offline")],
    "pwa.diag": [(NOBODY, "/diag"), ("lin", "/diag")],
}

# Refusals are pages too; no route stands for them.
REFUSALS = [
    (NOBODY, "/nowhere", 404),
    (NOBODY, "/verify/NONESUCH", 404),
    ("lin", "/people", 403),
    ("sun", "/inspections/{draft}", 404),
]

# Answers that are no pages: files, redirections, what scripts and programs ask for.
NO_PAGES = {
    "accounts.demo_sign_in",
    "assets.file",
    "documents.file",
    "documents.page",
    "documents.state",
    "documents.countersigning.page",
    "documents.drafting.preview_file",
    "documents.drafting.preview_page",
    "documents.drafting.preview_state",
    "health.healthz",
    "inspections.blank",
    "inspections.photo",
    "openapi.openapi_json",
    "policies_sync.index",
    "pwa.manifest",
    "pwa.parts",
    "pwa.worker",
    "trust.certificate",
    "web.choose_language",
}
FOR_PROGRAMS = (
    "sync.", "devices_sync.", "reviews_sync.", "documents_sync.", "documents_api.", "drafts_api.",
    "archive_api.",
)  # fmt: skip
