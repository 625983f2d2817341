"""What a person hands in to have a document checked."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, TextAreaField


class UploadForm(FlaskForm):
    """A PDF to be compared with the archive."""

    file = FileField(
        _l("PDF 文件"),
        validators=[FileRequired(_l("请选择要核验的 PDF 文件"))],
        description=_l(
            "从系统下载的原文件，最大 50 MB。纸质件的照片或扫描件不能这样核验，请用核验码。"
        ),
    )


class RevocationForm(FlaskForm):
    """Why a document counts no longer, and which one does."""

    reason = TextAreaField(_l("作废原因"), description=_l("留在系统里，不对外公开。"))
    replaced_by = StringField(
        _l("由哪份文书代替"), description=_l("填已签名的新文书的编号；只作废、不代替的留空。")
    )


class CodeForm(FlaskForm):
    """The code that is printed on paper; looked up by GET, so it needs no token."""

    class Meta:
        """Nothing is changed by it."""

        csrf = False

    code = StringField(_l("核验码"), description=_l("印在文书下方二维码旁，共 10 位。"))
