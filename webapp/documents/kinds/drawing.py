"""What documents draw: the QR code, the letters round a placeholder seal, Chinese numerals."""

from dataclasses import dataclass

import segno

DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Qr:
    """A QR code as one SVG path of dark modules; ``size`` is its side in modules."""

    path: str
    size: int


def qr(text: str) -> Qr:
    """Encode an address; error correction M survives a photocopy."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return Qr("".join(runs), len(rows))


def seal_letters(name: str) -> list[tuple[str, float]]:
    """Return the letters of a seal's rim, each with its turn in degrees from the top."""
    arc = min(240.0, 24.0 * len(name))
    step = arc / max(1, len(name) - 1)
    return [(letter, round(-arc / 2 + i * step, 2)) for i, letter in enumerate(name)]


def numeral(number: int) -> str:
    """Return a Chinese numeral, 1 to 99."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones else "")
