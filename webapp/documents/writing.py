"""How one signature gets into a PDF: an incremental update with the signature and nothing else."""

import hashlib
from datetime import datetime
from typing import Any

from asn1crypto import algos
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSigner, Signer
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.stamp import BaseStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from webapp.documents import authority
from webapp.documents.keys import Keys


class CustodianSigner(Signer):
    """Signs with whoever keeps the key.

    pyHanko's own SimpleSigner parses and checks the key at every raw signature: 2 to 11 times
    slower.
    """

    def __init__(self, keys: Keys) -> None:
        registry = SimpleCertificateStore()
        registry.register_multiple(_asn1(each) for each in keys.chain)
        self._custodian = keys.custodian
        super().__init__(
            signing_cert=_asn1(keys.certificate),
            cert_registry=registry,
            embed_roots=False,
            signature_mechanism=algos.SignedDigestAlgorithm(
                {"algorithm": self._custodian.algorithm}
            ),
        )

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Return the raw signature over ``data``."""
        if digest_algorithm != self._custodian.digest:
            raise SigningError(f"{digest_algorithm} is not {self._custodian.digest}")
        return bytes(self._custodian.longest) if dry_run else self._custodian.sign(data)


class QuietWriter(IncrementalPdfFileWriter):
    """Adds the signature and nothing else.

    pyHanko would stamp the present moment into Info and XMP and a random second file id: the
    document's own dates would no longer say when it was rendered, and no two runs would agree.
    """

    def _update_meta(self) -> None:
        return

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        prev.stream.seek(0)
        derived = hashlib.sha256(prev.stream.read()).digest()[:16]
        try:
            first = generic.ByteStringObject(prev.trailer["/ID"][0].original_bytes)
        except KeyError:
            first = generic.ByteStringObject(derived)
        return generic.ArrayObject([first, generic.ByteStringObject(derived)])


class QuietSigner(PdfSigner):
    """Leaves the file at PDF 1.7, which PDF/A-3 asks for, and the widget as it was drawn.

    pyHanko would raise the version to 2.0 for the sake of the extension that names elliptic
    curves, and print its own appearance in Courier.
    """

    def __init__(self, meta: Any, *, signer: Signer, timestamper: Any = None) -> None:
        super().__init__(meta, signer=signer, timestamper=timestamper, stamp_style=_OwnAppearance())

    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        """Name the elliptic curves' extension and leave the version."""
        pdf_out.register_extension(ESIC_EXTENSION_1)


class _OwnAppearance(BaseStampStyle):
    """Leaves the widget as :mod:`widget` has drawn it."""

    def create_stamp(self, writer: Any, box: Any, text_params: Any) -> None:
        return


async def write(signer: QuietSigner, writer: Any, at: datetime) -> bytes:
    """Walk through pyHanko's signing steps by hand: only so can the claimed time be given."""
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = at
    await session.perform_presign_validation(writer)
    reserved = await session.estimate_signature_container_size(None)
    document = session.prepare_tbs_document(None, bytes_reserved=reserved)
    prepared, output = document.digest_tbs_document()
    await document.perform_signature(
        prepared.document_digest, PdfCMSSignedAttributes(signing_time=at)
    )
    return bytes(output.getvalue())


def _asn1(certificate: Any) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(authority.der(certificate))
