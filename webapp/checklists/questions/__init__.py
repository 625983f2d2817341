"""Every kind of question there is: one module each, all named in ``KINDS``."""

from webapp.checklists.questions.base import FormData, Kind, Value
from webapp.checklists.questions.choice import Choice
from webapp.checklists.questions.choices import Choices
from webapp.checklists.questions.conforms import Conforms
from webapp.checklists.questions.date import Date
from webapp.checklists.questions.datetime import DateTime
from webapp.checklists.questions.decimal import Decimal
from webapp.checklists.questions.fields import AnswerField
from webapp.checklists.questions.integer import Integer
from webapp.checklists.questions.long_text import LongText
from webapp.checklists.questions.money import Money
from webapp.checklists.questions.note import Note
from webapp.checklists.questions.person import Person
from webapp.checklists.questions.photo import Photo
from webapp.checklists.questions.plate import Plate
from webapp.checklists.questions.short_text import ShortText
from webapp.checklists.questions.table import Table

__all__ = ["CELLS", "KINDS", "AnswerField", "FormData", "Kind", "Value"]

CELLS: dict[str, Kind] = {
    "conforms": Conforms(),
    "integer": Integer(),
    "decimal": Decimal(),
    "money": Money(),
    "date": Date(),
    "datetime": DateTime(),
    "short_text": ShortText(),
    "long_text": LongText(),
    "choice": Choice(),
    "choices": Choices(),
    "person": Person(),
    "plate": Plate(),
}
"""What a table's column may ask."""

KINDS: dict[str, Kind] = {**CELLS, "photo": Photo(), "table": Table(CELLS), "note": Note()}
