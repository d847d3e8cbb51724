"""Layers that are computed when asked for and never stored."""
from __future__ import annotations

from ..model.describe import Column, Layer, Style
from ..text import Text
from .areas import AREA_KINDS

PER_100K = Text(sv="per 100 000 invånare", en="per 100,000 residents")

AREA_COUNTS = Layer(
    "area_counts", Text(sv="Händelser per område", en="Incidents per area"), geometry="MultiPolygon", label="name", stored=False,
    style=Style(colour_by="incidents", ramp="sequential"),
    help=Text(sv="Tal per invånare är per år, så att perioder av olika längd går att jämföra.",
              en="Rates are per year, so that periods of different length can be compared."),
    columns=(
        Column("kind", Text(sv="Indelning", en="Division"), "code", codes=AREA_KINDS, shown=False),
        Column("code", Text(sv="Kod", en="Code"), "text", shown=False),
        Column("name", Text(sv="Område", en="Area"), "text"),
        Column("incidents", Text(sv="Händelser", en="Incidents"), "integer"),
        Column("incidents_coarse", Text(sv="varav utan exakt plats", en="of which without exact place"), "integer", discloses="incidents"),
        Column("population", Text(sv="Invånare", en="Residents"), "integer"),
        Column("rate_per_100k", Text(sv="Per 100 000 inv. och år", en="Per 100,000 residents a year"), "number", decimals=0, discloses="incidents"),
        Column("rate_low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=0, discloses="incidents"),
        Column("rate_high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=0, discloses="incidents"),
        Column("incidents_before", Text(sv="Jämförelseperioden", en="Compared period"), "integer"),
        Column("ratio", Text(sv="Kvot", en="Ratio"), "number", decimals=2, discloses="incidents"),
        Column("ratio_low", Text(sv="Kvot, från", en="Ratio, from"), "number", decimals=2, discloses="incidents"),
        Column("ratio_high", Text(sv="Kvot, till", en="Ratio, to"), "number", decimals=2, discloses="incidents"),
    ))
