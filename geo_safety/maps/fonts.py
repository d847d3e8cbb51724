"""The letters of the picture: Inter, with DejaVu Sans for signs that Inter's Latin part lacks. Widths are in millimetres."""
from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock

from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

VENDOR = Path(__file__).parent / "vendor"
FILES = {"normal": VENDOR / "inter-latin-400.ttf", "bold": VENDOR / "inter-latin-600.ttf"}
FAMILIES = {"normal": ["Inter", "DejaVu Sans"], "bold": ["Inter SemiBold", "DejaVu Sans"]}
MM_PER_POINT = 25.4 / 72
_lock = Lock()
_known = False


def font(size: float, weight: str = "normal") -> FontProperties:
    """A font of `size` points; weight is *normal* or *bold*."""
    _make_known()
    return FontProperties(family=FAMILIES[weight], size=size)


def _make_known() -> None:
    """matplotlib finds fonts by name only after it has been told of their files; once for the whole process."""
    global _known
    with _lock:
        if not _known:
            for path in FILES.values():
                font_manager.fontManager.addfont(str(path))
            _known = True


@lru_cache(maxsize=4)
def _advances(weight: str) -> dict[str, float]:
    """How far each letter moves the pen, in ems."""
    face = FT2Font(str(FILES[weight]))
    face.set_size(100, 72)
    return {chr(code): face.load_char(code, flags=LoadFlags.NO_HINTING).linearHoriAdvance / 65536 / 100 for code in face.get_charmap()}


def width_mm(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text; a letter that the font lacks counts as an average one."""
    advances = _advances(weight)
    return sum(advances.get(letter, 0.62) for letter in text) * size * MM_PER_POINT


def wrapped(text: str, size: float, most_mm: float, weight: str = "normal") -> list[str]:
    """Lines no wider than `most_mm`; a word that is wider by itself is cut."""
    lines, line = [], ""
    for word in text.split(" "):
        while width_mm(word, size, weight) > most_mm:
            cut = max(1, next((i for i in range(len(word), 0, -1) if width_mm(word[:i], size, weight) <= most_mm), 1))
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:cut])
            word = word[cut:]
        tried = f"{line} {word}" if line else word
        if line and width_mm(tried, size, weight) > most_mm:
            lines.append(line)
            line = word
        else:
            line = tried
    return [*lines, line] if line else lines
