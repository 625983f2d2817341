"""What a person hands in to have a document checked."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField


class UploadForm(FlaskForm):
    """A PDF to be compared with the archive."""

    file = FileField(
        _l("PDF 文件"),
        validators=[FileRequired(_l("请选择要核验的 PDF 文件"))],
        description=_l(
            "从系统下载的原文件，最大 50 MB。纸质件的照片或扫描件不能这样核验，请用核验码。"
        ),
    )


class CodeForm(FlaskForm):
    """The code that is printed on paper; looked up by GET, so it needs no token."""

    class Meta:
        """Nothing is changed by it."""

        csrf = False

    code = StringField(_l("核验码"), description=_l("印在文书下方二维码旁，共 10 位。"))
