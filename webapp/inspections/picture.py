"""Reading a photo that somebody sent.  Runs in the capped child process (``core.sandbox``)."""

import base64
import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = {
    "JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp",
    "HEIF": "image/heic",
}  # fmt: skip
PIXELS_MAX = 60_000_000
SIDE_PX_MAX = 1000
QUALITY = 80

pillow_heif.register_heif_opener()
warnings.simplefilter("error", Image.DecompressionBombWarning)
Image.MAX_IMAGE_PIXELS = PIXELS_MAX


def examine(_question: Mapping[str, object], data: bytes) -> dict[str, Any]:
    """Return the picture's type, its size and a derivative without metadata, or ``refused``.

    The derivative is an upright JPEG of at most 1000 px a side, in base64.
    """
    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.format not in FORMATS:
                return {"refused": "not_a_picture"}
            kind = FORMATS[picture.format]
            picture.load()
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        return {"refused": "too_many_pixels"}
    except UnidentifiedImageError:
        return {"refused": "not_a_picture"}
    except Exception:  # on a hostile file a decoder may raise anything
        return {"refused": "damaged"}
    width, height = upright.size
    upright.thumbnail((SIDE_PX_MAX, SIDE_PX_MAX), Image.Resampling.LANCZOS)
    packed = BytesIO()
    upright.save(packed, "JPEG", quality=QUALITY, optimize=True)
    jpeg = base64.b64encode(packed.getvalue()).decode()
    return {"media_type": kind, "width": width, "height": height, "jpeg": jpeg}
