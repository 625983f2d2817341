"""Signatures as a finger would draw them: strokes of a few characters, shaken by a seed."""

from itertools import pairwise
from random import Random
from typing import Any

WIDTH, HEIGHT = 320, 176  # the box of the signature pad on a phone, in CSS pixels
SIZE = 104  # height of a character in it
SHAKE = 3.2

# Strokes in a square of 100 × 100, from the top left: points "x,y", strokes separated by ";".
CHARACTERS = {
    "林": "4,32 44,27;25,4 26,50 24,96;25,36 16,58 2,74;27,40 38,56 48,64;"
    "52,30 98,25;74,4 75,50 73,98;73,36 63,62 48,82;76,38 86,60 99,74",
    "检": "2,34 38,29;20,4 21,50 19,96;20,38 12,58 1,70;23,42 34,56;"
    "70,4 60,22 44,38;72,8 82,24 99,34;58,42 84,40;54,56 60,68;70,52 74,66;"
    "92,52 86,68 80,78;46,88 98,84",
    "陈": "10,10 36,8 18,36 38,52 14,62;10,10 11,50 9,96;"
    "48,22 96,17;66,4 54,44 94,40;74,40 76,70 74,94 62,86;60,58 52,76;86,56 98,74",
    "查": "8,24 92,18;50,2 50,30 49,54;46,24 28,44 6,56;54,24 72,42 96,52;"
    "30,58 31,82 70,80 70,56 31,58;32,69 68,67;10,96 92,92",
    "钱": "20,4 12,22 2,34;14,26 38,22;10,46 38,42;24,26 25,92 40,78;"
    "50,30 92,22;48,50 96,42;64,4 68,50 84,88 98,82 96,72;92,54 74,76 52,92;82,6 92,14",
    "所": "40,6 22,14 10,16;12,16 12,54 2,88;14,32 40,28 38,50 14,54;"
    "90,4 72,14 58,18;60,18 58,58 46,92;60,44 98,40;80,44 81,70 79,98",
    "于": "24,18 78,13;6,46 96,39;52,15 54,60 50,96 34,84",
    "任": "32,4 20,30 2,50;20,34 21,66 19,98;90,10 68,22 44,26;40,56 98,48;68,22 69,60 68,88;"
    "46,92 94,87",
    "丁": "8,20 94,13;54,18 56,60 50,96 34,84",
    "田": "12,16 14,88;12,16 88,12 86,88;14,52 86,48;50,14 51,88;14,88 88,86",
    "石": "8,16 94,10;48,14 32,48 4,76;34,50 36,90;34,50 84,46 80,88 36,90",
    "队": "10,10 40,8 20,36 42,52 16,62;10,10 11,50 9,98;70,6 62,46 44,90;68,34 80,66 99,90",
    "方": "48,2 56,14;6,28 96,22;44,46 80,42 72,88 56,82;46,28 40,60 12,96",
    "长": "74,6 52,28 34,38;8,52 96,44;36,6 37,60 38,92 56,78;46,52 66,76 98,92",
    "江": "14,8 24,20;4,34 16,44;6,92 16,78 28,58;44,22 92,17;68,20 68,56 67,84;36,88 99,83",
    "王": "16,18 84,13;22,50 78,46;6,90 96,84;50,16 51,52 50,86",
}


def signature(name: str, rng: Random) -> dict[str, Any]:
    """Return the strokes of a name as the signature pad stores them."""
    slant, width = rng.uniform(-0.16, -0.05), SIZE * rng.uniform(0.86, 1.0)
    left = (WIDTH - width * 1.12 * len(name)) / 2
    parts = []
    for place, character in enumerate(name):
        x = left + place * width * 1.12
        y = (HEIGHT - SIZE) / 2 + rng.uniform(-8, 8)
        for stroke in CHARACTERS[character].split(";"):
            points = [tuple(map(float, point.split(","))) for point in stroke.split()]
            parts.append(
                _curve([
                    (x + (px + slant * (py - 50)) * width / 100 + rng.gauss(0, SHAKE * 0.5),
                     y + py * SIZE / 100 + rng.gauss(0, SHAKE * 0.5))
                    for px, py in points
                ])
            )  # fmt: skip
    return {"path": "".join(parts), "width": WIDTH, "height": HEIGHT}


def _curve(points: list[tuple[float, float]]) -> str:
    """Return a smooth path: quadratic curves through the middles, as the signature pad's."""
    ends = [(round(x, 1), round(y, 1)) for x, y in points]
    curves = [
        f"Q{x} {y} {round((x + nx) / 2, 1)} {round((y + ny) / 2, 1)}"
        for (x, y), (nx, ny) in pairwise(ends[1:])
    ]
    return f"M{ends[0][0]} {ends[0][1]}{''.join(curves)}L{ends[-1][0]} {ends[-1][1]}"
