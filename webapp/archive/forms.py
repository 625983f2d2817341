"""What a person looks for in the archive."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SearchField, SelectField


class SearchForm(FlaskForm):
    """Words and filters; sent by GET, so it needs no token."""

    class Meta:
        """Nothing is changed by it."""

        csrf = False

    q = SearchField(
        _l("查找"), description=_l("题名、文号、档号、单位、清单或问题内容，两个字就可以")
    )
    year = SelectField(_l("年度"), validate_choice=False)
    retention = SelectField(_l("保管期限"), validate_choice=False)
    kind = SelectField(_l("文种"), validate_choice=False)
