"""Placeholder photos, drawn by a program and stamped as such: no real place, plate or paper.

Each scene is a function that draws on a canvas of ``WIDTH`` × ``HEIGHT``; a seed varies it.  They
are drawn at twice the size and scaled down, which smooths the edges.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from math import cos, radians, sin
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from webapp.documents import fonts

WIDTH, HEIGHT = 1000, 750
TWICE = 2
QUALITY = 80
PLATES = ("赣Z·D0001", "赣Z·D0002", "赣Z·D0003", "赣Z·D0005")  # no office issues 赣Z
Colour = str | tuple[int, int, int]


@dataclass(frozen=True)
class Shot:
    """One photo to be drawn: the scene, the words stamped on it, the seed of its details."""

    scene: str
    place: str
    moment: str
    seed: int


class Canvas:
    """A picture in the making; lengths are in pixels of the finished photo."""

    def __init__(self, ground: Colour, face: Path, rng: Random) -> None:
        self.image = Image.new("RGB", (WIDTH * TWICE, HEIGHT * TWICE), ground)
        self.pen = ImageDraw.Draw(self.image)
        self.face = face
        self.rng = rng

    def box(self, x: float, y: float, w: float, h: float, fill: Colour, **more: Any) -> None:
        """Draw a filled rectangle; ``radius``, ``outline`` and ``width`` as Pillow takes them."""
        radius = more.pop("radius", 0) * TWICE
        corners = (x * TWICE, y * TWICE, (x + w) * TWICE, (y + h) * TWICE)
        self.pen.rounded_rectangle(corners, radius, fill=fill, **more)

    def disc(self, x: float, y: float, r: float, fill: Colour, **more: Any) -> None:
        """Draw a filled circle round a point."""
        corners = ((x - r) * TWICE, (y - r) * TWICE, (x + r) * TWICE, (y + r) * TWICE)
        self.pen.ellipse(corners, fill=fill, **more)

    def shape(self, points: list[tuple[float, float]], fill: Colour) -> None:
        """Draw a filled polygon."""
        self.pen.polygon([(x * TWICE, y * TWICE) for x, y in points], fill=fill)

    def line(self, points: list[tuple[float, float]], fill: Colour, width: float = 2) -> None:
        """Draw a line through points."""
        doubled = [(x * TWICE, y * TWICE) for x, y in points]
        self.pen.line(doubled, fill=fill, width=round(width * TWICE), joint="curve")

    def text(self, x: float, y: float, words: str, size: float, fill: Colour, **more: Any) -> None:
        """Write words; ``anchor`` as Pillow takes it (left, top)."""
        anchor = more.pop("anchor", "lt")
        font = _font(self.face, round(size * TWICE))
        self.pen.text((x * TWICE, y * TWICE), words, fill=fill, font=font, anchor=anchor, **more)

    def slope(self, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> None:
        """Fill the ground with a soft change of light from top to bottom."""
        column = (1, self.image.height)
        light = Image.linear_gradient("L").resize(column)
        ground = Image.composite(
            Image.new("RGB", column, bottom), Image.new("RGB", column, top), light
        )
        self.image.paste(ground.resize(self.image.size, Image.Resampling.NEAREST))


@cache
def _font(face: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(face), size)


def face_in(data_dir: Path) -> Path:
    """Return our own 黑体, unpacked."""
    return next(p for family, _, p in fonts.unpack(data_dir).files if family == "Mingcha Hei")


def draw(shot: Shot, face: Path) -> bytes:
    """Return the photo as a JPEG of about 100 kB."""
    canvas = Canvas("#888888", face, Random(shot.seed))  # noqa: S311 - a drawing, not a secret
    SCENES[shot.scene](canvas)
    photo = _as_if_taken(canvas.image.reduce(TWICE), canvas.rng)
    photo.paste(_watermark(face), mask=_watermark(face))
    _say_where(photo, shot, face)
    packed = BytesIO()
    photo.save(packed, "JPEG", quality=QUALITY)
    return packed.getvalue()


def _as_if_taken(photo: Image.Image, rng: Random) -> Image.Image:
    """Hold the camera a little askew, darken the corners, let the light vary."""
    askew = photo.rotate(rng.uniform(-1.2, 1.2), Image.Resampling.BILINEAR, fillcolor=(70, 70, 70))
    light = rng.uniform(0.9, 1.08)
    lit = askew.point([min(255, round(value * light)) for value in range(256)] * 3)
    lit.paste((15, 15, 20), mask=_corners())
    return lit


@cache
def _corners() -> Image.Image:
    return Image.radial_gradient("L").resize((WIDTH, HEIGHT)).point(lambda v: max(0, v - 120))


@cache
def _watermark(face: Path) -> Image.Image:
    """Return the words across the photo which say that it is none."""
    across = Image.new("RGBA", (WIDTH, HEIGHT), (255, 255, 255, 0))
    pen = ImageDraw.Draw(across)
    pen.text(
        (WIDTH / 2, HEIGHT / 2), "演示照片", (255, 255, 255, 62), _font(face, 150), anchor="mm"
    )
    return across.rotate(22, Image.Resampling.BILINEAR)


def _say_where(photo: Image.Image, shot: Shot, face: Path) -> None:
    photo.paste((18, 18, 18), (0, HEIGHT - 58, WIDTH, HEIGHT))
    pen, small, middle = ImageDraw.Draw(photo), _font(face, 25), HEIGHT - 29
    pen.text((20, middle), f"{shot.place}　{shot.moment}", "white", small, anchor="lm")
    pen.text((WIDTH - 20, middle), "演示照片 · 程序绘制", "#ffd666", small, anchor="rm")


# -- scenes -----------------------------------------------------------------------------------


def odometer(c: Canvas) -> None:
    """Draw a dashboard with its two dials and the kilometres."""
    c.slope((34, 37, 43), (12, 13, 16))
    c.box(60, 120, 880, 470, "#16181d", radius=200, outline="#3a3f49", width=8)
    for x, most, marks in ((300, 180, 9), (700, 8, 8)):
        c.disc(x, 340, 185, "#0b0c0f", outline="#59606d", width=10)
        for step in range(marks + 1):
            _tick(c, x, 340, 220 - step * 260 / marks, f"{most * step // marks}")
        _needle(c, x, 340, 220)
    c.box(415, 395, 170, 120, "#0f2a2a", radius=8, outline="#2c5a58", width=4)
    c.text(500, 425, "总里程 ODO", 20, "#7fd6c8", anchor="mm")
    c.text(500, 462, f"{c.rng.randint(48_000, 126_000)} km", 32, "#c9fff3", anchor="mm")
    c.text(
        500, 496, f"小计 {c.rng.randint(20, 480)}.{c.rng.randint(0, 9)}", 20, "#7fd6c8", anchor="mm"
    )
    for place, colour in enumerate(("#d4b106", "#d9363e", "#389e0d")):
        c.disc(450 + place * 50, 250, 11, colour)


def _tick(c: Canvas, x: float, y: float, degrees: float, words: str) -> None:
    dx, dy = cos(radians(degrees)), -sin(radians(degrees))
    c.line([(x + dx * 155, y + dy * 155), (x + dx * 176, y + dy * 176)], "#e8eaee", 4)
    c.text(x + dx * 128, y + dy * 128, words, 22, "#e8eaee", anchor="mm")


def _needle(c: Canvas, x: float, y: float, degrees: float) -> None:
    dx, dy = cos(radians(degrees)), -sin(radians(degrees))
    c.line([(x, y), (x + dx * 150, y + dy * 150)], "#ff4d4f", 6)
    c.disc(x, y, 20, "#2b2f37")


def car(c: Canvas) -> None:
    """Draw a car in its bay in front of an office building."""
    c.slope((176, 205, 228), (226, 233, 238))
    wall = c.rng.choice(("#d8cfc0", "#cfd5d8", "#d9d2c9"))
    c.box(0, 90, WIDTH, 330, wall)
    for place in range(6):
        c.box(40 + place * 165, 140, 105, 130, "#7d95a6", outline="#f2f2f2", width=10)
    c.box(0, 400, WIDTH, 350, "#7c7d80")
    for x in (90, 910):
        near = x + (x - 500) * 0.25
        c.shape([(x, 470), (x + 16, 470), (near + 16, 750), (near, 750)], "#e9e9e4")
    body = c.rng.choice(("#f4f5f6", "#24282e", "#b9bec5", "#34495e"))
    c.shape([(320, 330), (390, 215), (610, 215), (680, 330)], body)
    c.shape([(350, 325), (405, 235), (595, 235), (650, 325)], "#3c4a57")
    c.box(235, 325, 530, 220, body, radius=46)
    c.box(275, 545, 90, 66, "#18191b", radius=16)
    c.box(635, 545, 90, 66, "#18191b", radius=16)
    for x in (262, 640):
        c.box(x, 366, 98, 50, "#fff6d6", radius=18, outline="#8d9399", width=5)
    c.box(392, 372, 216, 52, "#1d2024", radius=10)
    c.box(250, 505, 500, 36, "#2c2f34", radius=14)
    c.box(408, 446, 184, 56, "#0b4fa8", radius=6, outline="white", width=5)
    c.text(500, 474, c.rng.choice(PLATES), 29, "white", anchor="mm")
    c.text(500, 112, "示例县自然资源局 · 公务用车停放处", 26, "#8a3324", anchor="mm")


def register(c: Canvas) -> None:
    """Draw an open dispatch register, its columns filled in by hand."""
    c.slope((120, 86, 58), (92, 64, 42))
    c.box(70, 50, 860, 660, "#fbf8ef", radius=6)
    c.text(500, 82, "公务用车派车登记簿（演示）", 32, "#333333", anchor="mm")
    columns = (100, 210, 370, 520, 640, 900)
    heads = ("日期", "号牌", "事由", "里程", "审批")
    for row in range(13):
        c.line([(100, 115 + row * 44), (900, 115 + row * 44)], "#8c8c8c", 1)
    for x in columns:
        c.line([(x, 115), (x, 115 + 12 * 44)], "#8c8c8c", 1)
    for x, words in zip(columns, heads, strict=False):
        c.text(x + 10, 137, words, 22, "#333333", anchor="lm")
    day, km = c.rng.randint(1, 9), c.rng.randint(50_000, 90_000)
    reasons = ("下乡踏勘", "送交图件", "巡查耕地", "县里开会", "接办群众", "测量放线")
    for row in range(c.rng.randint(7, 10)):
        y, day, km = 181 + row * 44, day + c.rng.randint(0, 2), km + c.rng.randint(12, 90)
        cells = (f"{day} 日", c.rng.choice(PLATES), c.rng.choice(reasons), str(km))
        for x, words in zip(columns, cells, strict=False):
            c.text(x + 10, y + c.rng.uniform(-3, 3), words, 22, "#1f3a8a", anchor="lm")
        if c.rng.random() > 0.2:
            _scribble(c, 665, y)


def _scribble(c: Canvas, x: float, y: float) -> None:
    points = [(x + i * 14, y + c.rng.uniform(-12, 12)) for i in range(9)]
    c.line(points, "#1f3a8a", 2.4)


def canteen(c: Canvas) -> None:
    """Draw a canteen table seen from above: trays, bowls, the price board."""
    c.slope((206, 182, 148), (184, 156, 120))
    for x in range(0, WIDTH, 125):
        c.line([(x, 0), (x + 20, HEIGHT)], "#b08f63", 1)
    for place in range(4):
        x, y = 95 + (place % 2) * 440, 70 + (place // 2) * 300
        c.box(x, y, 370, 235, "#c7ccd1", radius=26, outline="#9aa1a8", width=6)
        for cell in range(3):
            left = x + 22 + cell * 112
            c.box(left, y + 22, 100, 92, "#aeb5bc", radius=16)
            food = c.rng.choice(("#7cb305", "#d4380d", "#fadb14", "#a0653a", "#e8e0d0"))
            for _ in range(c.rng.randint(5, 12)):
                c.disc(left + c.rng.uniform(18, 82), y + c.rng.uniform(38, 96), 13, food)
        c.box(x + 22, y + 128, 156, 90, "#aeb5bc", radius=16)
        c.shape([(x + 35, y + 205), (x + 100, y + 140), (x + 165, y + 205)], "#fdfdfa")
        c.disc(x + 265, y + 172, 50, "#f5f5f0", outline="#9db4c8", width=8)
        c.disc(x + 265, y + 172, 36, c.rng.choice(("#d9c58b", "#c9dcae")))
    c.box(330, 318, 340, 46, "#8a1c1c", radius=6)
    c.text(500, 341, "公务接待用餐区　禁止饮酒", 25, "#ffe9b3", anchor="mm")


def board(c: Canvas) -> None:
    """Draw a notice board with typed sheets."""
    c.slope((222, 224, 222), (198, 200, 200))
    c.box(60, 50, 880, 600, "#27476b", radius=4, outline="#b9a27a", width=22)
    c.text(500, 100, "公　示　栏", 46, "#fff4d6", anchor="mm")
    titles = ["用车情况公示", "接待情况公示", "值班表", "首问负责制", "监督电话", "报告结果公示"]
    c.rng.shuffle(titles)
    for place, title in enumerate(titles[: c.rng.choice((4, 5, 6))]):
        x, y = 110 + (place % 3) * 270, 150 + (place // 3) * 245
        lean = c.rng.uniform(-3, 3)
        right, low = x + 235, y + 215
        c.shape([(x, y + lean), (right, y - lean), (right + lean, low), (x + lean, low)], "#fdfcf7")
        c.text(x + 118, y + 32, title, 25, "#b02020", anchor="mm")
        for line in range(7):
            length = c.rng.uniform(120, 195)
            c.line(
                [(x + 20, y + 65 + line * 20), (x + 20 + length, y + 65 + line * 20)], "#9a9a9a", 3
            )
        c.disc(x + 118, y + 8, 7, "#d4380d")


def desk(c: Canvas) -> None:
    """Draw a duty desk: telephone, log, clock, an empty or taken chair."""
    c.slope((232, 229, 220), (214, 210, 200))
    c.box(0, 480, WIDTH, 270, "#8b6a48")
    c.box(0, 470, WIDTH, 20, "#6f5336")
    c.box(380, 250, 240, 230, "#3b4048", radius=40)
    c.disc(160, 150, 78, "#ffffff", outline="#333333", width=10)
    hour = c.rng.choice(((0, -48), (40, -24), (34, 34), (-30, 36)))
    c.line([(160, 150), (160 + hour[0], 150 + hour[1])], "#222222", 7)
    c.line([(160, 150), (160 + hour[1] * 1.2, 150 - hour[0] * 1.2)], "#222222", 4)
    c.box(690, 90, 240, 150, "#fdfcf7", outline="#999999", width=4)
    c.text(810, 120, "值班室（演示）", 25, "#b02020", anchor="mm")
    c.text(810, 165, "值班电话 0000-0000", 22, "#333333", anchor="mm")
    c.text(810, 200, "带班领导：见值班表", 22, "#333333", anchor="mm")
    c.shape([(110, 560), (240, 540), (265, 610), (130, 640)], "#c03a2b")
    c.line([(120, 545), (245, 522)], "#8e2a1f", 22)
    c.shape([(370, 560), (640, 550), (670, 690), (360, 700)], "#fdfcf7")
    c.line([(505, 555), (515, 696)], "#bbbbbb", 3)
    for row in range(5):
        y = 585 + row * 22
        c.line([(395, y), (480, y - 2)], "#1f3a8a", 3)
        c.line([(535, y - 3), (535 + c.rng.uniform(30, 95), y - 5)], "#1f3a8a", 3)
    c.disc(800, 590, 40, "#f5f5f0", outline="#7a9cc0", width=8)
    c.disc(800, 590, 28, "#8c6a3f")


SCENES: dict[str, Callable[[Canvas], None]] = {
    "odometer": odometer,
    "car": car,
    "register": register,
    "canteen": canteen,
    "board": board,
    "desk": desk,
}
