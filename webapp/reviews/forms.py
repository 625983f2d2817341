"""What a supervisor types: comments, an opinion, a word on each finding."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from webapp.checklists.definitions import Checklist, Item
from webapp.core.errors import N_
from webapp.findings.models import Finding, FindingSource, Severity
from webapp.findings.rules import SEVERITY_WORDS
from webapp.reviews import rules
from webapp.reviews.rules import Fault, Judgement, Verdict, field_of

_l = lazy_gettext
NOT_DAYS = Fault("deadline_days", N_("请填写整数天数；不设期限的留空"))
PARTS = ("decision", "facts", "severity", "rectification", "deadline_days", "reason")


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\x00", "").strip()


class ReviewForm(FlaskForm):
    """One form for the whole page, so that no button loses what was typed elsewhere on it."""

    submission = HiddenField()
    only = HiddenField()
    opinion = TextAreaField(
        _l("审核意见"),
        description=_l("通过时选填；退回时请写明原因，或在有关项下写意见。"),
        filters=[_plain],
    )

    checklist: Checklist
    found: list[Finding]

    def comments(self, typed: Any) -> dict[str, str]:
        """Return the comments typed under the items, by item; blank ones left out."""
        told = {item.id: _plain(typed.get(f"comment-{item.id}")) for item in self.checklist.items}
        return {item_id: text for item_id, text in told.items() if text}

    def judgements(self) -> list[Judgement]:
        """Return the word on each finding; a deadline that is no number is told apart."""
        return [self._judgement(finding) for finding in self.found]

    def check(self) -> bool:
        """Check all that approving needs, and put each fault beside its field."""
        valid = self.validate()
        for finding, judgement in zip(self.found, self.judgements(), strict=True):
            item = self.checklist.item(finding.item_id)
            found = rules.faults(judgement, item, finding.source)
            if judgement.verdict is Verdict.CONFIRM and not self._has_days(finding.item_id):
                found.append(NOT_DAYS)
            for fault in found:
                self.blame(field_of(finding.item_id, fault.part), fault.message, **fault.params)
                valid = False
        return bool(valid)

    def blame(self, name: str, message: str, **params: Any) -> None:
        """Put an error beside a field, or beside the opinion if there is no such field."""
        field = self[name] if name in self else self["opinion"]
        field.errors = [*field.errors, gettext(message, **params)]

    @property
    def is_touched(self) -> bool:
        """Whether something was typed that is not stored yet."""
        names = ["opinion", *(field_of(f.item_id, part) for f in self.found for part in PARTS)]
        return any(_plain(self[name].data) != _plain(self[name].object_data) for name in names)

    def part(self, item_id: str, part: str) -> Any:
        """Return the field that holds a part of the word on an item's finding."""
        return self[field_of(item_id, part)]

    def _has_days(self, item_id: str) -> bool:
        text = _plain(self.part(item_id, "deadline_days").data)
        return not text or (text.isascii() and text.isdigit() and len(text) < 6)

    def _severity(self, finding: Finding) -> Severity:
        data = self.part(finding.item_id, "severity").data
        return next((known for known in Severity if known.value == data), finding.severity)

    def _judgement(self, finding: Finding) -> Judgement:
        item_id = finding.item_id
        decision = self.part(item_id, "decision").data
        days = _plain(self.part(item_id, "deadline_days").data)
        known = decision in {verdict.value for verdict in Verdict}
        return Judgement(
            item_id=item_id,
            verdict=Verdict(decision) if known else None,
            facts=self.part(item_id, "facts").data,
            severity=self._severity(finding),
            rectification=self.part(item_id, "rectification").data,
            deadline_days=int(days) if days and self._has_days(item_id) else None,
            reason=self.part(item_id, "reason").data,
        )


def review_form(
    checklist: Checklist, found: Iterable[Finding], typed: Any = None, **data: Any
) -> ReviewForm:
    """Return the page's form with the fields of each finding, filled as it stands now.

    ``typed`` stands in for what comes with the request.
    """
    findings = list(found)
    fields: dict[str, Any] = {"checklist": checklist, "found": findings}
    for finding in findings:
        item = checklist.item(finding.item_id)
        made, filled = _fields(finding, item)
        fields |= {field_of(finding.item_id, part): field for part, field in made.items()}
        data |= {field_of(finding.item_id, part): value for part, value in filled.items()}
    form: ReviewForm = type("FindingsForm", (ReviewForm,), fields)(
        data=data, **({} if typed is None else {"formdata": typed})
    )
    return form


def _fields(finding: Finding, item: Item) -> tuple[dict[str, Any], dict[str, Any]]:
    is_item = finding.source is FindingSource.ITEM
    usual = "、".join(gettext(SEVERITY_WORDS[s]) for s in rules.severities(item))
    words = [SelectChoice(s.value, _l(SEVERITY_WORDS[s])) for s in Severity]
    why = _l("不作问题的须写明理由") if is_item else _l("可不写")
    fields = {
        "decision": RadioField(
            f"{finding.item_id} {gettext('审核决定')}",
            choices=[
                SelectChoice("confirm", _l("认定为问题")),
                SelectChoice("dismiss", _l("不作问题")),
            ],
            validate_choice=False,
        ),
        "facts": TextAreaField(_l("问题事实"), filters=[_plain]),
        "severity": SelectField(
            _l("程度"),
            choices=words,
            description=_l("该项规定为%(usual)s；超出的须写明理由", usual=usual),
        ),
        "rectification": TextAreaField(_l("整改要求"), filters=[_plain]),
        "deadline_days": StringField(
            _l("整改期限（工作日）")
            if finding.deadline_unit == "working"
            else _l("整改期限（日）"),
            description=_l("从送达次日起算；不设期限的留空"),
            filters=[_plain],
        ),
        "reason": TextAreaField(_l("理由"), description=why, filters=[_plain]),
    }
    days = finding.deadline_days
    data = {
        "decision": "confirm" if is_item else None,
        "facts": finding.facts,
        "severity": finding.severity.value,
        "rectification": finding.rectification,
        "deadline_days": "" if days is None else str(days),
        "reason": finding.reason,
    }
    return fields, data
