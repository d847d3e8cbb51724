"""File formats: one file each, with a function that writes and its description. To add one, write its file and name it here."""
from __future__ import annotations

from ..registry import collect
from . import csv_file, folium_html, geojson, geopackage, picture, xlsx

EXPORTERS = collect(geopackage.EXPORTER, geojson.EXPORTER, csv_file.EXPORTER, xlsx.EXPORTER, folium_html.EXPORTER, picture.EXPORTER,
                    group="geo_safety.exports")
