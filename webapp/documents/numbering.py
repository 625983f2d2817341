"""The numbers and codes on documents: each given once, in the transaction that needs it."""

import secrets
from datetime import date

from sqlalchemy.orm import Session

from webapp.accounts.models import Bureau
from webapp.core.numbers import next_number
from webapp.documents.kinds.base import Numbering, Subject
from webapp.inspections.models import Inspection

CODE_LETTERS = "34679ACDEFGHJKMNPQRTUWXY"  # none that can be taken for another
CODE_LENGTH = 10
RECORD_SERIAL = 1  # the site record's place among its inspection's papers; others count on from it
REPORT_MARK = "HS"


def number_of(session: Session, numbering: Numbering, subject: Subject) -> str:
    """Give a paper its number."""
    year = subject.on.year
    if numbering is Numbering.FORMAL:
        return formal_number(session, subject.bureau, year)
    if numbering is Numbering.REPORT:
        serial = next_number(session, f"report:{subject.bureau.id}:{year}")
        return f"{REPORT_MARK}-{year}-{serial:04}"
    if subject.inspection is None:
        raise ValueError("a working paper is numbered within its inspection")
    serial = RECORD_SERIAL + next_number(session, f"paper:{subject.inspection.id}")
    return f"{subject.inspection.number}-{serial:02}"


def formal_number(session: Session, bureau: Bureau, year: int) -> str:
    """Give the next 发文字号 of a year; all formal documents share the series.

    The series' key is named after the first kind that had such numbers.
    """
    return formal_text(bureau, year, str(next_number(session, f"feedback:{bureau.id}:{year}")))


def formal_text(bureau: Bureau, year: int, serial: str) -> str:
    """Return a 发文字号: 机关代字, year in 六角括号, serial without leading zeros."""
    return f"{bureau.number_mark}〔{year}〕{serial}号"


def record_number(inspection: Inspection) -> str:
    """Return the number of an inspection's site record."""
    return f"{inspection.number}-{RECORD_SERIAL:02}"


def draft_number(
    numbering: Numbering, bureau: Bureau, on: date, inspection: Inspection | None
) -> str:
    """Return what stands in the number's place while there is none."""
    if numbering is Numbering.FORMAL:
        return formal_text(bureau, on.year, "　")
    return f"{inspection.number}-草稿" if inspection else "（草稿未编号）"


def fresh_code() -> str:
    """Return a verification code that nobody can guess."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
