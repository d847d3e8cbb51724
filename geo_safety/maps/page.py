"""The furniture of the picture: title, legend, doubts, source, scale and north. Everything is placed in millimetres of paper."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle

from ..crs import title as crs_title
from ..model.cautions import CAUTIONS
from ..text import Text, day, number
from . import colours as palette
from .drawing import Drawing, headline, subtitle
from .fonts import font, width_mm, wrapped
from .legend import BEAR_IN_MIND, LEVELS, Item

SIZE = (297.0, 210.0)
MARGIN, HEAD, FOOT, PANEL, GAP, BAND = 9.0, 17.0, 12.0, 66.0, 5.0, 6.0
INK = {"light": ("#212529", "#5c636a", "#ffffff", "#dee2e6"), "dark": ("#f1f3f5", "#a6adb4", "#16191d", "#3a3f46")}   # text, quiet, paper, rule
MADE_UP_INK = "#7a3b00"
MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "pentagon": "p", "down": "v"}

_MORE = Text(sv="… och {n} till, se metodbladet.", en="… and {n} more, see the method sheet.")
_MADE = Text(sv="kartan gjord {made}", en="map made {made}")
_NUMBER = {"area": Text(sv="antal områden", en="number of areas"), "cell": Text(sv="antal rutor", en="number of cells"),
           "other": Text(sv="antal", en="number")}
NORTH = "N"

def made_up(drawn: Sequence[Drawing]) -> bool:
    """Whether anything drawn is made up."""
    return any(drawing.legend.made_up for drawing in drawn)


class Page:
    """Draws around the map of `drawn`; y is measured from the bottom of the paper."""

    def __init__(self, figure: Figure, drawn: Sequence[Drawing], *, language: str, dark: bool):
        self.drawn, self.language = drawn, language
        self.ink, self.quiet, self.paper, self.rule = INK["dark" if dark else "light"]
        self.dark, self.land = dark, palette.PAPER["dark" if dark else "light"]["land"]
        figure.set_facecolor(self.paper)
        self.axes = figure.add_axes((0, 0, 1, 1), zorder=1)
        self.above = figure.add_axes((0, 0, 1, 1), zorder=3)
        for axes in (self.axes, self.above):
            axes.set_xlim(0, SIZE[0])
            axes.set_ylim(0, SIZE[1])
            axes.set_axis_off()

    def say(self, x: float, y: float, text: str, size: float, *, weight: str = "normal", quiet: bool = False, ha: str = "left",
            above: bool = False, colour: str | None = None) -> None:
        """One line; `y` is its baseline."""
        (self.above if above else self.axes).text(x, y, text, fontproperties=font(size, weight), ha=ha, va="baseline",
                                                  color=colour or (self.quiet if quiet else self.ink), parse_math=False)

    def head(self, title: str | None) -> None:
        """Title, place and period; a band over the map when the data are made up."""
        words = title or headline(self.drawn, self.language)
        most = SIZE[0] - 2 * MARGIN
        size = next((s for s in (18.0, 16.0, 14.0, 12.0) if width_mm(words, s, "bold") <= most), 11.0)
        self.say(MARGIN, SIZE[1] - MARGIN - 6.5, wrapped(words, size, most, "bold")[0], size, weight="bold")
        self.say(MARGIN, SIZE[1] - MARGIN - 12.8, wrapped(subtitle(self.drawn, self.language, under=words), 10.0, most)[0], 10.0, quiet=True)
        if made_up(self.drawn):
            left, top = MARGIN, SIZE[1] - MARGIN - HEAD
            wide = SIZE[0] - 2 * MARGIN - PANEL - GAP
            self.above.add_patch(Rectangle((left, top - BAND), wide, BAND, facecolor=MADE_UP_INK, edgecolor="none"))
            self.say(left + wide / 2, top - 4.1, CAUTIONS["MADE_UP"][self.language], 8.5, weight="bold", ha="center", above=True, colour="#ffffff")

    def legends(self) -> None:
        """The column beside the map: each layer's classes with the number of rows, then what is doubted."""
        left, y, bottom = SIZE[0] - MARGIN - PANEL, SIZE[1] - MARGIN - HEAD, MARGIN + FOOT
        for drawing in self.drawn:
            y = self._legend(drawing, left, y)
        notes = [f"{d.legend.title}: {d.legend.note}" for d in self.drawn if d.legend.note]
        doubts = list(dict.fromkeys([*(text for d in self.drawn for text in d.legend.cautions), *notes]))
        if doubts:
            self.axes.plot([left, left + PANEL], [y, y], color=self.rule, linewidth=0.8)
            y -= 5.2
            self.say(left, y, BEAR_IN_MIND[self.language], 8.5, weight="bold")
            y -= 4.6
        for i, doubt in enumerate(doubts):
            lines = wrapped(doubt, 7.2, PANEL - 3)
            if y - 3.3 * len(lines) < bottom + (0 if i == len(doubts) - 1 else 3.3):
                self.say(left, y, _MORE.format(n=len(doubts) - i)[self.language], 7.2, quiet=True)
                break
            self.say(left, y, "•", 7.2, quiet=True)
            for line in lines:
                self.say(left + 3, y, line, 7.2)
                y -= 3.3
            y -= 1.2

    def _legend(self, drawing: Drawing, left: float, y: float) -> float:
        """One layer's part, from `y` downwards; what is left of the column begins at the y that comes back."""
        legend = drawing.legend
        y -= 3.4
        if drawing.classes.kind == "single":
            for item in legend.items:
                y = self._row(item, drawing, left, y, weight="bold")
            return y - 1.0
        for line in wrapped(legend.title, 9.5, PANEL, "bold")[:2]:
            self.say(left, y, line, 9.5, weight="bold")
            y -= 4.3
        counted = any(item.n is not None for item in legend.items)
        what = f"{legend.column}, {legend.unit}" if legend.column and legend.unit else legend.column
        lines = wrapped(what, 7.6, PANEL - 22)[:2] if what else [""] if counted else []
        for i, line in enumerate(lines):
            self.say(left, y, line, 7.6, quiet=True)
            if counted and i == len(lines) - 1:
                self.say(left + PANEL, y, _NUMBER[_what(drawing)][self.language], 7.0, quiet=True, ha="right")
            y -= 3.7
        y -= 1.0
        for item in legend.items:
            y = self._row(item, drawing, left, y)
        return y - 3.5

    def _row(self, item: Item, drawing: Drawing, left: float, y: float, *, weight: str = "normal") -> float:
        lines = wrapped(item.label, 8.2, PANEL - 22, weight)[:2]
        self._swatch(item, drawing, left, y + 1.1)
        for i, line in enumerate(lines):
            self.say(left + 10, y - 3.4 * i, line, 8.2, weight=weight)
        if item.n is not None:
            self.say(left + PANEL, y, number(item.n, self.language), 8.2, ha="right", quiet=True)
        return y - 5.0 - 3.4 * (len(lines) - 1)

    def _swatch(self, item: Item, drawing: Drawing, left: float, middle: float) -> None:
        """The sign of an item, on the colour of land and as transparent as on the map."""
        colour = item.dark if self.dark else item.colour
        box = (left, middle - 1.8)
        if item.shape == "square" and drawing.shape == "area":
            self.axes.add_patch(Rectangle(box, 7, 3.6, facecolor=self.land, edgecolor="none"))
            if item.hatched:
                self.axes.add_patch(Rectangle(box, 7, 3.6, facecolor="none", edgecolor=colour, hatch="//////", linewidth=0.5))
            else:
                self.axes.add_patch(Rectangle(box, 7, 3.6, facecolor=colour, alpha=drawing.opacity, edgecolor="none"))
                self.axes.add_patch(Rectangle(box, 7, 3.6, facecolor="none", edgecolor=self.quiet, linewidth=0.35))
        elif item.shape == "line":
            self.axes.plot([left, left + 7], [middle, middle], color=colour, linewidth=1.8, solid_capstyle="round")
        else:
            size = 78 if item.letter else 26 if item.shape == "circle" else 40
            self.axes.scatter([left + 3.5], [middle], s=size, c=colour, marker=MARKERS[item.shape], linewidths=0.6, edgecolors=self.paper)
            if item.letter:
                low = 0.3 if item.shape == "triangle" else 0.0
                self.axes.text(left + 3.5, middle - low, item.letter, ha="center", va="center_baseline", color=self.paper,
                               fontproperties=font(6.2, "bold"))

    def foot(self, made_on: date) -> None:
        """Sources to the left; coordinate system, share level and date to the right."""
        rule = MARGIN + FOOT - 3.0
        first = self.drawn[0].shown
        right = " · ".join((crs_title(first.frame.crs), LEVELS[first.share_level][self.language],
                            _MADE.format(made=day(made_on, self.language))[self.language]))
        self.say(SIZE[0] - MARGIN, rule - 2.6, right, 7.2, quiet=True, ha="right")
        room = SIZE[0] - 2 * MARGIN - width_mm(right, 7.2) - 6
        sources = " ".join(dict.fromkeys(drawing.legend.source for drawing in self.drawn))
        for i, line in enumerate(wrapped(sources, 7.2, room)[:3]):
            self.say(MARGIN, rule - 2.6 - 3.4 * i, line, 7.2, quiet=True)

    def scale_and_north(self, metres_per_mm: float) -> None:
        """A bar of a round length in four parts, and an arrow to grid north, on a plate in the lower left corner of the map."""
        length = _round_length(34 * metres_per_mm)
        wide, left, bottom = length / metres_per_mm, MARGIN + 4, MARGIN + FOOT + 4
        said = f"{number(length / 1000, self.language)} km" if length >= 1000 else f"{number(length, self.language)} m"
        plate = wide + 15 + width_mm(said, 7.2) / 2
        self.above.add_patch(FancyBboxPatch((left, bottom), plate, 9.5, boxstyle="round,pad=0,rounding_size=1.2", facecolor=self.paper,
                                            alpha=0.88, edgecolor="none"))
        x, y = left + 4.2, bottom + 2.0
        self.above.add_patch(Polygon([(x, y + 4.2), (x - 1.7, y - 0.6), (x, y + 0.4)], closed=True, facecolor=self.ink, edgecolor="none"))
        self.above.add_patch(Polygon([(x, y + 4.2), (x + 1.7, y - 0.6), (x, y + 0.4)], closed=True, facecolor=self.paper, edgecolor=self.ink,
                                     linewidth=0.5))
        self.say(x, y + 4.7, NORTH, 6.5, weight="bold", ha="center", above=True)
        x += 6.0
        for i in range(4):
            self.above.add_patch(Rectangle((x + i * wide / 4, y), wide / 4, 1.5, facecolor=self.ink if i % 2 == 0 else self.paper,
                                           edgecolor=self.ink, linewidth=0.5))
        self.say(x, y + 2.8, "0", 7.2, ha="center", above=True)
        self.say(x + wide, y + 2.8, said, 7.2, ha="center", above=True)


def _what(drawing: Drawing) -> str:
    """What the numbers of the legend count."""
    layer = drawing.shown.layer
    return "cell" if layer.has("cell") else "area" if drawing.shape == "area" else "other"


def _round_length(metres: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not longer."""
    power = 10.0 ** len(str(int(metres))) / 10
    return next(step * power for step in (5, 2, 1) if step * power <= metres)
