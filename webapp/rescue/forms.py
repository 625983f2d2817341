"""What a supervisor uploads."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class UploadForm(FlaskForm):
    """A rescue file."""

    file = FileField(
        _l("救援文件"),
        [FileRequired(_l("请选择救援文件"))],
        description=_l("手机上导出的 .rescue 文件"),
    )
