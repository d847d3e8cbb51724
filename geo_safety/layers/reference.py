"""Reference layers: where people live and walk, and what stands there."""
from __future__ import annotations

from ..model.describe import Code, Column, Layer, Style
from ..text import Text

EXPOSURE = Layer(
    "exposure", Text(sv="Invånare, adresser och gator", en="Residents, addresses and streets"), geometry="Polygon", key=("cell",),
    help=Text(sv="Små rutor med antal invånare, adresser och meter gata: det undersökta området och det väntade antalet.",
              en="Small cells with residents, addresses and metres of street: the area searched and the expected count."),
    columns=(
        Column("cell", Text(sv="Ruta", en="Cell"), "text", required=True),
        Column("residents", Text(sv="Invånare", en="Residents"), "integer", least=0),
        Column("addresses", Text(sv="Adresser", en="Addresses"), "integer", least=0),
        Column("street_m", Text(sv="Gata", en="Street"), "number", unit=Text(sv="m", en="m"), least=0),
    ))

STREETS = Layer(
    "streets", Text(sv="Gator", en="Streets"), geometry="LineString", key=("code",), label="name", style=Style(colour="#868e96"),
    columns=(
        Column("code", Text(sv="Kod", en="Code"), "text", required=True),
        Column("name", Text(sv="Namn", en="Name"), "text"),
        Column("role", Text(sv="Slag", en="Kind"), "code", required=True, codes=(
            Code("main", Text(sv="Huvudgata", en="Main road")), Code("local", Text(sv="Lokalgata", en="Local street")),
            Code("path", Text(sv="Gång- och cykelväg", en="Foot and cycle path")), Code("railway", Text(sv="Järnväg", en="Railway")))),
        Column("lit", Text(sv="Belyst", en="Lit"), "boolean"),
    ))

ENVIRONMENT_ROLES = (
    Code("lamp", Text(sv="Belysningsstolpe", en="Street lamp")), Code("bus_stop", Text(sv="Hållplats", en="Bus stop")),
    Code("station", Text(sv="Station", en="Station")), Code("school", Text(sv="Skola", en="School")),
    Code("pub", Text(sv="Krog", en="Pub")), Code("square", Text(sv="Torg", en="Square")), Code("shop", Text(sv="Butik", en="Shop")),
    Code("library", Text(sv="Bibliotek", en="Library")), Code("camera", Text(sv="Kamera", en="Camera")), Code("other", Text(sv="Övrigt", en="Other")),
)

ENVIRONMENT = Layer(
    "environment", Text(sv="Miljö", en="Environment"), geometry="Geometry", key=("role", "code"), label="name",
    columns=(
        Column("role", Text(sv="Slag", en="Kind"), "code", codes=ENVIRONMENT_ROLES, required=True),
        Column("code", Text(sv="Kod", en="Code"), "text", required=True),
        Column("name", Text(sv="Namn", en="Name"), "text"),
    ))

PLACES = Layer(
    "places", Text(sv="Platser", en="Places"), geometry="Point", key=("code",), label="name",
    columns=(
        Column("code", Text(sv="Kod", en="Code"), "text", required=True),
        Column("name", Text(sv="Namn", en="Name"), "text", required=True),
        Column("kind", Text(sv="Slag", en="Kind"), "text"),
        Column("aliases", Text(sv="Andra namn", en="Other names"), "text"),
    ))

BASE_MAP = Layer(
    "base_map", Text(sv="Bakgrundskarta", en="Base map"), geometry="Geometry", key=("code",), label="name",
    columns=(
        Column("code", Text(sv="Kod", en="Code"), "text", required=True),
        Column("role", Text(sv="Slag", en="Kind"), "code", required=True, codes=tuple(
            Code(value, title) for value, title in (
                ("land", Text(sv="Mark", en="Land")), ("water", Text(sv="Vatten", en="Water")), ("forest", Text(sv="Skog", en="Forest")),
                ("park", Text(sv="Park", en="Park")), ("built", Text(sv="Bebyggelse", en="Built-up area")),
                ("building", Text(sv="Byggnad", en="Building")), ("main", Text(sv="Huvudgata", en="Main road")),
                ("local", Text(sv="Lokalgata", en="Local street")), ("path", Text(sv="Gång- och cykelväg", en="Foot and cycle path")),
                ("railway", Text(sv="Järnväg", en="Railway")), ("name", Text(sv="Namn", en="Name"))))),
        Column("name", Text(sv="Namn", en="Name"), "text"),
        Column("rank", Text(sv="Rang", en="Rank"), "integer", help=Text(sv="1 syns även på översikten.", en="1 shows on the overview too.")),
    ))

OFFENCE_STATISTICS = Layer(
    "offence_statistics", Text(sv="Anmälda brott enligt Brå", en="Reported offences, Brå"),
    key=("source_code", "municipality_name", "year", "offence_group"), time=None, coverage="register",
    columns=(
        Column("source_code", Text(sv="Källa", en="Source"), "text", required=True, shown=False),
        Column("municipality_code", Text(sv="Kommunkod", en="Municipality code"), "text"),
        Column("municipality_name", Text(sv="Kommun", en="Municipality"), "text", required=True),
        Column("year", Text(sv="År", en="Year"), "integer", required=True),
        Column("offence_group", Text(sv="Brottsgrupp", en="Offence group"), "text", required=True),
        Column("reported", Text(sv="Anmälda brott", en="Reported offences"), "integer", least=0),
        Column("per_100k", Text(sv="Per 100 000 invånare", en="Per 100,000 residents"), "number", discloses="reported", least=0),
        Column("preliminary", Text(sv="Preliminär", en="Preliminary"), "boolean"),
    ))
