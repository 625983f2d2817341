"""Fills an empty database with the demo, and does the background work that follows."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import click
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp import flow
from webapp.checklists.queries import latest_version
from webapp.cli.demo import cast, figures, papers, photos, story, visits
from webapp.cli.demo.story import Scene
from webapp.cli.demo.visits import Course, Days
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.documents.models import Document, DocumentState
from webapp.inspections import evidence

DRAWERS = 2  # the photo reader's own limit
DONE = (DocumentState.SIGNED, DocumentState.SIGNING)  # what waits for people is done here
DOCUMENT_STEPS = sum(len(row) for kind, row in flow.FLOW.items() if kind.startswith("document."))


def load(app: Flask) -> bool:
    """Load the demo once, in one transaction; tells whether there was anything to do."""
    with db.reading() as session:
        if cast.is_there(session):
            return False
    settings, at = app.extensions["settings"], now()
    days = Days(at, settings.zone)
    courses = _courses(days)
    pictures = _take_photos(app, courses)
    with db.writing() as session:
        people = cast.make(session, at=days.moment(-8, 9, 0))
        figures.enter_all(session, people, days)
        scenes = [
            Scene(
                course, people, latest_version(session, course.visit.checklist), days,
                app.extensions["storage"], _by_item(course, pictures),
            )
            for course in courses
        ]  # fmt: skip
        _tell(session, scenes)
        papers.draft_all(session, scenes)
    return True


def _courses(days: Days) -> list[Course]:
    with db.reading() as session:
        checklists = {
            visit.checklist: latest_version(session, visit.checklist).definition
            for visit in visits.PLAN
        }
    return [
        visits.work_out(place, visit, checklists[visit.checklist], days)
        for place, visit in enumerate(visits.PLAN)
    ]


def _take_photos(app: Flask, courses: Sequence[Course]) -> dict[photos.Shot, evidence.Picture]:
    """Draw all photos and let the product read them as it reads anybody's."""
    settings = app.extensions["settings"]
    face = photos.face_in(settings.data_dir)

    def take(shot: photos.Shot) -> evidence.Picture:
        return evidence.read(photos.draw(shot, face), max_mib=settings.photo_max_mib)

    shots = [picture.shot for course in courses for picture in course.pictures]
    with ThreadPoolExecutor(DRAWERS) as pool, _bar(len(shots), "演示照片 photos") as bar:
        taken = {}
        for shot, picture in zip(shots, pool.map(take, shots), strict=True):
            taken[shot] = picture
            bar.update(1)
    return taken


def _by_item(
    course: Course, taken: dict[photos.Shot, evidence.Picture]
) -> dict[str, list[evidence.Picture]]:
    found: dict[str, list[evidence.Picture]] = {}
    for picture in course.pictures:
        found.setdefault(picture.item_id, []).append(taken[picture.shot])
    return found


def _tell(session: Session, scenes: Sequence[Scene]) -> None:
    with _bar(story.count(scenes), "督查任务 inspections") as bar:
        for _ in story.tell(session, scenes):
            bar.update(1)


def work() -> None:
    """Do all background work that is owed, here and now."""
    for _ in _deliveries(once=True):
        pass  # quick: findings, and the numbers of the documents
    with db.reading() as session:
        left = select(func.count()).select_from(Document).where(Document.state.not_in(DONE))
        count = session.scalar(left) or 0
    with _bar(count * DOCUMENT_STEPS, "文书签章 documents") as bar:
        for _ in _deliveries():
            bar.update(1)
    flow.grow_tree()


def _deliveries(*, once: bool = False) -> Iterator[int]:
    """Run what is due, and what follows from it unless ``once``; yields each when done."""
    while due := _due():
        for delivery_id in due:
            flow.deliver(delivery_id)
            yield delivery_id
        if once:
            return


def _due() -> list[int]:
    with db.reading() as session:
        return events.due(session, now())


def unfinished() -> list[str]:
    """Return what background work left undone, one line each."""
    with db.reading() as session:
        query = select(Document).where(Document.state.not_in(DONE))
        documents = session.scalars(query.order_by(Document.number)).unique()
        return [f"{one.number}: {one.error or one.state.value}" for one in documents]


def _bar(length: int, label: str) -> Any:
    return click.progressbar(length=length, label=label, width=28, show_pos=True)
