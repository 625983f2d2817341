"""The application: connects the database and registers the slices in the order of the flow."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import flow, worker
from webapp.accounts import access, security
from webapp.accounts import views as accounts
from webapp.archive import sync as archive_sync
from webapp.archive import views as archive
from webapp.checklists import views as checklists
from webapp.core import logs, openapi, pwa, trust, web
from webapp.core.access import insist
from webapp.core.config import MIB, ROOT, Settings
from webapp.core.db import db
from webapp.core.health import bp as health
from webapp.core.language import compile_translations
from webapp.core.storage import open_storage
from webapp.devices import sync as devices_sync
from webapp.devices import views as devices
from webapp.documents import sync as documents_sync
from webapp.documents import views as documents
from webapp.documents.drafting import sync as drafting_sync
from webapp.findings import views as findings
from webapp.inspections import sync as inspections_sync
from webapp.inspections import views as inspections
from webapp.policies import sync as policies_sync
from webapp.policies import views as policies
from webapp.rescue import sync as rescue_sync
from webapp.rescue import views as rescue
from webapp.rescue.keys import open_key
from webapp.reviews import sync as reviews_sync
from webapp.reviews import views as reviews

SLICES = (accounts, devices, checklists, policies, inspections, rescue, findings, reviews,
          documents, archive)  # fmt: skip
DOORS = (devices_sync, policies_sync, inspections_sync, rescue_sync, reviews_sync, documents_sync,
         drafting_sync, archive_sync)  # fmt: skip
NAVIGATION = (inspections, reviews, findings, documents, archive, checklists, policies, devices,
              accounts)  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; the database is connected but not migrated."""
    settings = settings or Settings()
    logs.configure()
    app = Flask("webapp", root_path=str(ROOT), static_folder=None, template_folder="templates")
    app.config.from_mapping(
        security.settings_of(settings),
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "webapp/translations"),
        MAX_CONTENT_LENGTH=60 * MIB,
        MAX_FORM_PARTS=5000,
        MAX_FORM_MEMORY_SIZE=8 * MIB,
        COMPRESS_MIN_SIZE=700,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=8,
    )
    app.extensions["settings"] = settings
    app.extensions["storage"] = open_storage(settings.blobs)
    app.extensions["rescue_key"] = open_key(settings.rescue_key_path)
    compile_translations()
    db.connect(settings.database)
    flow.wire()
    app.extensions["queue"] = queue = worker.open_queue(settings)
    app.extensions["wake"] = queue.wake
    security.init(app)
    app.extensions["nav"] = nav = [item for part in NAVIGATION for item in part.NAV]
    web.init(app, nav, access.may)
    for part in (*SLICES, *DOORS):
        app.register_blueprint(part.bp)
    app.register_blueprint(health)
    app.register_blueprint(openapi.bp)
    app.register_blueprint(pwa.bp)
    app.register_blueprint(trust.bp)
    insist(app)
    if proxies := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    openapi.insist(app)
    return app
