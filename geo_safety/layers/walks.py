"""Safety walks and what was found on them. An effort source: where nobody walked nothing was seen."""
from __future__ import annotations

from ..model.describe import Code, Column, Layer, Style
from ..text import Text

FINDING_CATEGORIES = tuple(Code(value, title) for value, title in (
    ("lighting", Text(sv="Belysning", en="Lighting")),
    ("vegetation", Text(sv="Växtlighet", en="Vegetation")),
    ("sight", Text(sv="Sikt och överblick", en="Sight and overview")),
    ("enclosure", Text(sv="Instängdhet, flyktvägar", en="Enclosure, ways out")),
    ("orientation", Text(sv="Orienterbarhet och skyltning", en="Orientation and signs")),
    ("maintenance", Text(sv="Skötsel och underhåll", en="Upkeep and maintenance")),
    ("graffiti", Text(sv="Klotter", en="Graffiti")),
    ("vandalism", Text(sv="Skadegörelse", en="Vandalism")),
    ("littering", Text(sv="Nedskräpning", en="Littering")),
    ("desolation", Text(sv="Ödslighet", en="Desolation")),
    ("entrances", Text(sv="Entréer och portar", en="Entrances and doors")),
    ("path", Text(sv="Gång- och cykelväg", en="Foot and cycle path")),
    ("tunnel", Text(sv="Tunnel eller bro", en="Tunnel or bridge")),
    ("parking", Text(sv="Parkering eller garage", en="Parking or garage")),
    ("bus_stop", Text(sv="Hållplats", en="Bus stop")),
    ("playground", Text(sv="Lekplats eller skolgård", en="Playground or school yard")),
    ("park", Text(sv="Park", en="Park")),
    ("traffic", Text(sv="Trafik och hastighet", en="Traffic and speed")),
    ("accessibility", Text(sv="Tillgänglighet", en="Accessibility")),
    ("noise", Text(sv="Buller och störande verksamhet", en="Noise and disturbing activity")),
    ("safe_place", Text(sv="Trygg plats", en="Safe place")),
    ("other", Text(sv="Övrigt", en="Other")),
))

EXPERIENCES = (Code("unsafe", Text(sv="otrygg", en="unsafe")), Code("neutral", Text(sv="varken eller", en="neither")),
               Code("safe", Text(sv="trygg", en="safe")))

LIGHT_STATES = (Code("daylight", Text(sv="Dagsljus", en="Daylight")), Code("dusk", Text(sv="Skymning", en="Dusk")),
                Code("dark", Text(sv="Mörker", en="Dark")))

SAFETY_WALKS = Layer(
    "safety_walks", Text(sv="Trygghetsvandringar", en="Safety walks"), geometry="LineString", key=("code",), time="held_on", label="title",
    coverage="effort", style=Style(colour="#6741d9"),
    columns=(
        Column("code", Text(sv="Kod", en="Code"), "text", required=True, shown=False),
        Column("title", Text(sv="Vandring", en="Walk"), "text", required=True),
        Column("held_on", Text(sv="Datum", en="Date"), "date"),
        Column("light_state", Text(sv="Ljus", en="Light"), "code", codes=LIGHT_STATES),
        Column("theme", Text(sv="Tema", en="Theme"), "text"),
        Column("participants", Text(sv="Deltagare", en="Participants"), "integer", least=0),
    ))

WALK_FINDINGS = Layer(
    "walk_findings", Text(sv="Iakttagelser vid vandring", en="Walk findings"), geometry="Point", key=("source_code", "source_key"),
    time="found_on", label="category", coverage="effort", style=Style(colour="#6741d9"),
    columns=(
        Column("source_code", Text(sv="Källa", en="Source"), "text", required=True, shown=False),
        Column("source_key", Text(sv="Källans id", en="Source's id"), "text", required=True, shown=False),
        Column("walk_code", Text(sv="Vandring", en="Walk"), "text"),
        Column("stop", Text(sv="Stopp", en="Stop"), "integer", least=0),
        Column("category", Text(sv="Kategori", en="Category"), "code", codes=FINDING_CATEGORIES, required=True),
        Column("experience", Text(sv="Upplevelse", en="Experience"), "code", codes=EXPERIENCES),
        Column("light_state", Text(sv="Ljus", en="Light"), "code", codes=LIGHT_STATES),
        Column("text", Text(sv="Iakttagelse", en="Finding"), "long_text", personal=True),
        Column("proposal", Text(sv="Förslag", en="Proposal"), "long_text", personal=True),
        Column("agree", Text(sv="Håller med", en="Agree"), "integer", least=0, shown=False),
        Column("land_owner", Text(sv="Markägare", en="Land owner"), "text"),
        Column("found_on", Text(sv="Datum", en="Date"), "date"),
        Column("geom_precision", Text(sv="Platsen känd till", en="Place known to"), "text", required=True, shown=False),
    ))
