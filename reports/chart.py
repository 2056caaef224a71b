"""A trend as a picture that every mail program shows: stacked bars in a PNG of few colours, no text in it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

from reports.view import SEVERITIES

#: Middle tones, which stand out on white and on black; the first is the background, which is transparent.
_COLOURS = {
    "": (0, 0, 0),
    "critical": (201, 42, 66),
    "high": (222, 112, 37),
    "medium": (217, 165, 20),
    "low": (91, 149, 211),
    "info": (140, 150, 163),
    "none": (140, 150, 163),
}
_NAMES = list(_COLOURS)
WIDTH, HEIGHT = 600, 72
#: The picture has so many points for each that it is shown with: screens of phones are fine.
_FINE = 2


def trend(points: Sequence[Mapping[str, int]]) -> bytes:
    """Bars, the oldest first, the worst at the bottom: how many findings of each severity; a run without any
    is a line on the ground. ``info`` takes what a point says of no known severity."""
    width, height = WIDTH * _FINE, HEIGHT * _FINE
    most = max(1, *(sum(point.values()) for point in points))
    step = width / max(len(points), 1)
    gap = 0 if step < 4 else max(2, int(step / 5))
    columns = bytearray(width * height)
    for number, point in enumerate(points):
        left, right = int(number * step), max(int(number * step) + 1, int((number + 1) * step) - gap)
        for top, bottom, name in _stacked(point, most, height):
            colour = bytes([_NAMES.index(name)]) * (right - left)
            for row in range(top, bottom):
                start = row * width + left
                columns[start : start + right - left] = colour
    return _png(width, height, bytes(columns))


def _stacked(point: Mapping[str, int], most: int, height: int) -> list[tuple[int, int, str]]:
    """The pieces of one bar: first row, the row after the last, colour."""
    ground = _FINE * 2
    if not sum(point.values()):
        return [(height - ground, height, "none")]
    found, bottom, told = [], float(height), 0
    for name in SEVERITIES:
        told += point.get(name, 0)
        top = height - (height - ground) * told / most - ground
        if point.get(name):
            found.append((int(top), int(bottom), name))
            bottom = float(int(top))
    return found


def _png(width: int, height: int, points: bytes) -> bytes:
    """Points of one byte each, a colour's number, as a PNG."""
    rows = b"".join(b"\0" + points[row * width : (row + 1) * width] for row in range(height))
    palette = b"".join(bytes(colour) for colour in _COLOURS.values())
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", palette),
        (b"tRNS", b"\0"),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
