"""The words of a verdict: one plain sentence for each stable code, to be translated where shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from webapp.core.errors import N_


class State(StrEnum):
    """The answers; ``REVOKED`` and ``SUPERSEDED`` are originals that count no longer."""

    ORIGINAL = "original"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True)
class Sentence:
    """One plain statement; ``text`` is a message to translate, ``code`` is for programs."""

    code: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def said(self, translate: Callable[[str], str] = str) -> str:
        """Return the sentence in the reader's language."""
        return translate(self.text) % self.params if self.params else translate(self.text)


HEADLINES = {
    State.ORIGINAL: N_("这是原件，与存档的文件逐字节一致。"),
    State.REVOKED: N_("文件与存档的一致，但这份文书已经作废。"),
    State.SUPERSEDED: N_("文件与存档的一致，但这份文书已被另一份代替。"),
    State.ALTERED: N_("这不是原件：文件与签出时不一样。"),
    State.UNKNOWN: N_("无法确认：存档里没有这份文件。"),
    State.REFUSED: N_("这份文件无法检验。"),
}

TEXTS = {
    "matches_archive": N_("文件指纹（SHA-256）与存档的《%(title)s》（%(number)s）一致"),
    "differs_from_archive": N_("文件指纹（SHA-256）与存档的《%(title)s》（%(number)s）不一致"),
    "shorter_than_archive": N_("文件比存档的原件少 %(count)d 字节，可能被截断或退回到较早的状态"),
    "not_in_archive": N_("存档里没有指纹（SHA-256）相同的文件"),
    "signed_not_archived": N_(
        "签名有效，确由本单位的密钥签出，签名后没有改动；但它不是存档的那一份文件，请以存档原件为准"
    ),
    "revoked": N_("制发单位已于 %(day)s 宣布这份文书作废"),
    "superseded": N_("制发单位已于 %(day)s 宣布这份文书作废，以 %(number)s 为准"),
    "newer_form": N_(
        "这是较早的形式，照样是原件；存档里还有后来补加时间戳的形式，内容相同，可以另行下载"
    ),
    "photos_agree": N_("纸上的默克尔根与所列照片一致，照片原件都已封存"),
    "photos_differ": N_("纸上的默克尔根与封存的照片对不上，请联系制发单位"),
    "log_agrees": N_("纸上的事件树根是本单位签过名的根"),
    "log_differs": N_("纸上的事件树根与本单位现存的事件树对不上，请联系制发单位"),
    "time_is_claimed": N_("签名时间是签名系统自己的时钟，没有时间戳机构作证"),
    "no_signature": N_("文件里没有签名"),
    "signature_removed": N_("签名被去掉了：只剩下空的签名栏或残留痕迹"),
    "signature_missing": N_("缺少应有的签名"),
    "signature_unexpected": N_("多出一个不应有的签名"),
    "signature_order": N_("签名的先后次序不对"),
    "signature_other_person": N_("签名的人不是应当签这一栏的人：“%(signer)s”"),
    "signature_unreadable": N_("签名数据残缺，读不出来"),
    "signature_broken": N_("签名与内容对不上：签名之后内容被改动"),
    "signature_invalid": N_("签名值不正确，签名是伪造的或已损坏"),
    "signature_misplaced": N_("签名没有完整覆盖它应当保护的内容"),
    "signer_untrusted": N_("签名证书不是本单位的（名称相同也不算），签名者自称“%(signer)s”"),
    "certificate_expired": N_("签名证书已过有效期，又没有时间戳证明签名在有效期内"),
    "certificate_revoked": N_("签名证书已被吊销"),
    "weak_digest": N_("签名用的摘要算法太弱（%(digest)s）"),
    "weak_key": N_("签名用的密钥太弱"),
    "bytes_appended": N_("签名之后文件末尾又写入了 %(count)d 字节"),
    "changed_more_pages": N_("签名之后增加了页"),
    "changed_fewer_pages": N_("签名之后减少了页"),
    "changed_pages": N_("签名之后改了页面"),
    "changed_content": N_("签名之后改了内容"),
    "changed_fonts": N_("签名之后换了字体，字形可能已不同"),
    "changed_pictures": N_("签名之后换了图片或图章"),
    "changed_annotations": N_("签名之后加了批注或覆盖物"),
    "changed_form": N_("签名之后改了表单或签名栏"),
    "changed_signatures": N_("签名之后又加了签名"),
    "changed_attachments": N_("签名之后改了附件"),
    "changed_appearance": N_("有的页与签名时看上去不一样：第 %(pages)s 页"),
    "changed_after_signing": N_("签名之后文件又被改动"),
    "has_javascript": N_("文件里有脚本"),
    "has_launch": N_("文件会启动程序"),
    "has_action": N_("文件里有自动动作"),
    "has_form": N_("文件里有可填写的表单"),
    "has_optional_content": N_("文件里有可隐藏的图层"),
    "has_media": N_("文件里有音像或三维内容"),
    "has_program": N_("文件里夹带了程序"),
    "has_external": N_("文件引用了外部内容"),
    "malformed": N_("文件结构不规范，同一份文件在不同软件里可能显示不同"),
    "not_a_pdf": N_("这不是 PDF 文件"),
    "empty": N_("文件是空的"),
    "too_large": N_("文件超过 %(most)d MB，不予检验"),
    "not_a_file": N_("找不到这个文件，或它不是普通文件"),
    "encrypted": N_("文件加了密，无法检验"),
    "unreadable": N_("文件已损坏，读不出来"),
    "too_costly": N_("文件结构异常，检验它要用的时间或内存太多，已停止"),
    "crashed": N_("文件使检验程序异常退出，已拒绝"),
    "busy": N_("正在检验的文件太多，请稍后再试"),
}


def sentence(code: str, **params: object) -> Sentence:
    """Return the sentence of a code."""
    return Sentence(code, TEXTS[code], params)
