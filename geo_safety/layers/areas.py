"""Areas: DeSO, RegSO, localities and the municipality's own; the vintage tells divisions of the same kind apart."""
from __future__ import annotations

from ..model.describe import Code, Column, Layer, Style
from ..text import Text, same

AREA_KINDS = (
    Code("municipality", Text(sv="Kommun", en="Municipality")),
    Code("regso", same("RegSO")),
    Code("deso", same("DeSO")),
    Code("locality", Text(sv="Tätort", en="Locality")),
    Code("district", Text(sv="Distrikt", en="District")),
    Code("own", Text(sv="Eget område", en="Own area")),
    Code("neighbour", Text(sv="Grannkommun", en="Neighbouring municipality")),
)

LAYER = Layer(
    "areas", Text(sv="Områden", en="Areas"), geometry="MultiPolygon", key=("kind", "code", "vintage"), label="name",
    style=Style(ramp="sequential"),
    columns=(
        Column("kind", Text(sv="Indelning", en="Division"), "code", codes=AREA_KINDS, required=True),
        Column("code", Text(sv="Kod", en="Code"), "text", required=True),
        Column("name", Text(sv="Namn", en="Name"), "text", required=True),
        Column("vintage", Text(sv="Årgång", en="Vintage"), "text",
               help=Text(sv="Vilken version av indelningen, till exempel 2025.", en="Which version of the division, for example 2025.")),
        Column("parent_code", Text(sv="Ingår i", en="Part of"), "text"),
        Column("population", Text(sv="Invånare", en="Residents"), "integer", least=0),
        Column("population_year", Text(sv="Invånare, år", en="Residents, year"), "integer", shown=False),
    ))
