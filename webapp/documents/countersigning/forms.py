"""What a person who signs hands in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField, TextAreaField
from wtforms.validators import Length


class SigningForm(FlaskForm):
    """A signature or a refusal; ``digest`` is that of the file whose pages were shown."""

    digest = HiddenField()
    strokes = HiddenField()
    refused = HiddenField()
    name = StringField(_l("签名人姓名"), [Length(max=40)])
    password = PasswordField(
        _l("你的登录密码"), description=_l("每次签名都要再输入一次，确认是你本人。")
    )
    reason = TextAreaField(_l("拒签原因"), [Length(max=1000)])
    witness = StringField(_l("见证人"), [Length(max=60)])
