"""What is typed about a policy figure."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, FloatField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

VALUE_MAX = 1_000_000_000


class NumberField(FloatField):
    """A figure; what is no figure is told in the user's language."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read it."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_l("请填写数值，只填数字")) from None


class FigureForm(FlaskForm):
    """A figure, the days it counts and the paper that sets it."""

    value = NumberField(
        _l("数值"),
        [InputRequired(_l("请填写数值，只填数字")),
         NumberRange(0, VALUE_MAX, _l("数值在 0 和 %(max)s 之间"))],
    )  # fmt: skip
    effective_from = DateField(_l("生效日期"), [InputRequired(_l("请填写生效日期"))])
    effective_to = DateField(
        _l("失效日期"), [Optional()], description=_l("不填：直到录入新的参数为止")
    )
    source = StringField(
        _l("依据的文件"), [InputRequired(_l("请填写依据的文件名")), Length(max=200)]
    )
    document_no = StringField(_l("文号"), [Length(max=60)])

    def validate_effective_to(self, field: Any) -> None:
        """Refuse a last day before the first."""
        if field.data and self.effective_from.data and field.data < self.effective_from.data:
            raise ValidationError(_l("失效日期不能早于生效日期"))
