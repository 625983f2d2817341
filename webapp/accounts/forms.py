"""What an administrator types about people."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from webapp.accounts.rules import Role

ROLE_NAMES = {
    Role.INSPECTOR: _l("督查员"),
    Role.SUPERVISOR: _l("分管领导"),
    Role.ARCHIVIST: _l("档案员"),
    Role.ADMIN: _l("系统管理员"),
    Role.UNIT_HEAD: _l("被督查单位负责人"),
    Role.STAFF: _l("干部职工"),
}


class PersonForm(FlaskForm):
    """A new account."""

    username = StringField(
        _l("用户名"),
        [DataRequired(_l("请填写用户名")), Length(2, 32),
         Regexp(r"^[a-z0-9]+$", message=_l("用户名只用小写字母和数字"))],
    )  # fmt: skip
    name = StringField(_l("姓名"), [DataRequired(_l("请填写姓名")), Length(max=40)])
    position = StringField(_l("职务"), [Length(max=60)])
    unit_id = SelectField(_l("所在单位"), coerce=int)
    roles = SelectMultipleField(
        _l("角色"),
        [DataRequired(_l("请至少选择一个角色"))],
        choices=[SelectChoice(role.value, label) for role, label in ROLE_NAMES.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    password = PasswordField(
        _l("初始密码"),
        [DataRequired(_l("请填写初始密码")), Length(10, 200, _l("密码至少 10 个字符"))],
    )
