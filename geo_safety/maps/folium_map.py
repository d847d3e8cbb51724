"""One HTML file with the whole map in it: opens by a double click, asks nobody for anything, and works with the network off.

folium writes a page that loads ten files from four hosts and shows nothing without them. Here Leaflet is inlined from `vendor/`,
an address that is not known stops the work, and a content security policy forbids the rest: no host can be asked, and no script
runs but ours, each named by its hash. Names and texts from the data are written as JSON and as text, never as HTML.
"""
from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element, Figure, MacroElement
from folium.template import Template

from ..crs import WGS84, to_wgs84
from ..errors import GeoSafetyError, InputError
from ..model.features import Shown
from ..text import Text
from . import colours as palette
from .drawing import Drawing, base_map, drawings, headline
from .stand_alone import MOST_ROWS, TOO_MANY, layer_data, panel

HERE = Path(__file__).parent
DIGITS = 6      # of a degree: about a decimetre
KNOWN = {"leaflet.js": HERE / "vendor" / "leaflet.js", "leaflet.css": HERE / "vendor" / "leaflet.css"}
POLICY = "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

_TEXTS = {
    "map": Text(sv="Karta. Flytta med piltangenterna, zooma med plus och minus. Klicka på något för att läsa om det.",
                en="Map. Move with the arrow keys, zoom with plus and minus. Click on something to read about it."),
    "zoom_in": Text(sv="Zooma in", en="Zoom in"),
    "zoom_out": Text(sv="Zooma ut", en="Zoom out"),
}
_UNKNOWN_ADDRESS = Text(sv="Kartfilen skulle hämta {address} från nätet. Den måste bära allt med sig; filen skrevs inte.",
                        en="The map file would fetch {address} from the network. It must carry everything with it; it was not written.")

Sheet = Sequence[tuple[str, Sequence[tuple[str, str]]]]     # (heading, rows of title and value)


def stand_alone_page(shown: Sequence[Shown], *, language: str, sheet: Sheet = (), title: str | None = None) -> str:
    """The page of the layers, a `base_map` among them as the ground; `sheet` is the method sheet that opens from a button.

    InputError when no layer has a place, or there are more rows than a browser draws well.
    """
    drawn = drawings(shown, language=language)
    if (rows := sum(len(drawing.frame) for drawing in drawn)) > MOST_ROWS:
        raise InputError(TOO_MANY.format(n=rows, most=MOST_ROWS))
    words = title or headline(drawn, language)
    page = folium.Map(location=(0, 0), zoom_start=12, tiles=None, zoom_control=False, prefer_canvas=True, attribution_control=False,
                      zoom_snap=0.5)
    page._id = "geo"    # a page of the same data is the same to the letter
    page.default_js = [("leaflet", "leaflet.js")]
    page.default_css = [("leaflet_css", "leaflet.css")]
    page.add_child(_Layers(json_text(_data(drawn, base_map(shown), language))))
    figure = page.get_root()
    assert isinstance(figure, Figure)
    figure._id = "page"
    figure.title = None
    figure.header.add_child(Element(f"<style>{_read(HERE / 'alone' / 'map.css')}</style>"), name="look")
    figure.html.add_child(Element(panel(drawn, words, sheet, language)), name="panel", index=0)
    return _closed(figure.render(), words, language)


class _Layers(MacroElement):
    """The data of all layers and the script that draws them; `data` is JSON that cannot end a script."""

    _template = Template("""
        {% macro html(this, kwargs) %}<script type="application/json" id="gs-data">{{ this.data }}</script>{% endmacro %}
        {% macro script(this, kwargs) %}{{ this.code }}
        geoSafety({{ this._parent.get_name() }});{% endmacro %}
        """)

    def __init__(self, data: str):
        super().__init__()
        self._name, self._id, self.data, self.code = "Layers", "layers", data, _read(HERE / "alone" / "map.js")


def json_text(value: object) -> str:
    """JSON that may stand in a page: `<`, `>` and `&` are escaped, so no text in it can end the script or open a comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _data(drawn: Sequence[Drawing], ground: Shown | None, language: str) -> dict:
    shapes, names = _ground(ground)
    return {"language": language, "paper": palette.PAPER["light"], "missing": palette.MISSING, "ground": shapes, "names": names,
            "bounds": _bounds(drawn), "layers": [layer_data(drawing, language, _geometries(drawing.frame)) for drawing in drawn],
            "texts": {name: text[language] for name, text in _TEXTS.items()}}


def _geometries(frame: gpd.GeoDataFrame) -> list[dict]:
    degrees = to_wgs84(frame[[frame.geometry.name]]).geometry.to_numpy()
    return [json.loads(text) for text in shapely.to_geojson(shapely.transform(degrees, lambda xy: np.round(xy, DIGITS)))]


def _ground(ground: Shown | None) -> tuple[dict[str, list[dict]], list[list]]:
    """Shapes by role, and names with rank and place."""
    if ground is None:
        return {}, []
    frame = ground.frame[ground.frame.geometry.notna()]
    frame = frame.assign(rank=frame["rank"].fillna(3).astype(int).clip(1, 3))
    shapes = {str(role): _geometries(part) for role, part in frame[frame["role"] != "name"].groupby("role")}
    named = frame[(frame["role"] == "name") & frame["name"].notna()]
    places = gpd.GeoSeries(shapely.point_on_surface(named.geometry.to_numpy()), crs=named.crs).to_crs(WGS84)
    names = [[name, int(rank), round(place.x, DIGITS), round(place.y, DIGITS)]
             for name, rank, place in zip(named["name"], named["rank"], places, strict=True)]
    return shapes, names


def _bounds(drawn: Sequence[Drawing]) -> list[list[float]]:
    """South-west and north-east corner, latitude first as Leaflet wants it."""
    met = [to_wgs84(drawing.frame).total_bounds for drawing in drawn if len(drawing.frame)]
    if not met:
        return [[55.0, 11.0], [69.0, 24.0]]     # Sweden
    west, south, east, north = np.vstack([np.min(met, axis=0)[:2], np.max(met, axis=0)[2:]]).ravel()
    return [[float(south), float(west)], [float(north), float(east)]]


# ---- making the page its own

def _closed(html: str, title: str, language: str) -> str:
    """The page with everything inlined, its language and title said, and a policy that keeps it shut."""
    html = re.sub(r'<script src="([^"]*)"></script>', lambda m: f"<script>{_vendored(m[1])}</script>", html)
    html = re.sub(r'<link rel="stylesheet" href="([^"]*)"/>', lambda m: f"<style>{_vendored(m[1])}</style>", html)
    html = re.sub(r'<meta name="viewport".*?/>', '<meta name="viewport" content="width=device-width, initial-scale=1" />', html, flags=re.S)
    hashes = " ".join(f"'sha256-{_hash(code)}'" for code in re.findall(r"<script>(.*?)</script>", html, flags=re.S))
    head = (f'<html lang="{language}">\n<head>\n<meta charset="utf-8" />\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(scripts=hashes)}" />\n<title>{_escaped(title)}</title>')
    html = re.sub(r"<html>\s*<head>", lambda _: head, html, count=1)
    if foreign := addresses(html):
        raise GeoSafetyError(_UNKNOWN_ADDRESS.format(address=foreign[0]))
    return html


def _vendored(address: str) -> str:
    """The file that stands for an address; an address we do not know is refused."""
    path = KNOWN.get(address)
    if path is None:
        raise GeoSafetyError(_UNKNOWN_ADDRESS.format(address=address))
    text = _read(path)
    # pictures of the default pin and of the layer button, neither of which is used
    return re.sub(r"url\((images/|#default)[^)]*\)", "none", text) if path.suffix == ".css" else text


@lru_cache(maxsize=8)
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(code: str) -> str:
    return base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _Addresses(HTMLParser):
    """Collects what a browser would fetch: addresses in attributes, and in style sheets."""

    LOADING = ("src", "href", "srcset", "action", "formaction", "data", "poster", "background", "xlink:href", "ping")

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag, attrs):
        self.in_style = tag == "style"
        for name, value in attrs:
            if name in self.LOADING and value and not value.startswith(("data:", "#")):
                self.found.append(value)
            if name == "style" and value:
                self._style(value)

    def handle_endtag(self, tag):
        self.in_style = False

    def handle_data(self, data):
        if self.in_style:
            self._style(data)

    def _style(self, css: str) -> None:
        self.found += [a for a in re.findall(r"url\(\s*['\"]?([^'\")]+)", css) if not a.startswith(("data:", "#"))]
        self.found += re.findall(r"@import\s+([^;]+)", css)


def addresses(html: str) -> list[str]:
    """All that the page would fetch from elsewhere; nothing, if it stands alone."""
    reader = _Addresses()
    reader.feed(html)
    reader.close()
    return reader.found
