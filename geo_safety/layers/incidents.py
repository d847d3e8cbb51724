"""Incidents: what happened, when, and how exactly the place is known."""
from __future__ import annotations

from ..model.describe import PRECISIONS, Code, Column, Layer, Style
from ..text import Text

_PERSON, _PROPERTY, _ORDER = (Text(sv="Mot person", en="Against a person"), Text(sv="Mot egendom", en="Against property"),
                              Text(sv="Ordning", en="Order"))
GROUPS = {"person": _PERSON, "property": _PROPERTY, "order": _ORDER}

# The level is a starting point to be set by the municipality; the flags decide what place methods start from (safeguard 3).
OFFENCE_TYPES = (
    Code("assault_public", Text(sv="Misshandel, utomhus", en="Assault, outdoors"), level="person"),
    Code("assault_indoor", Text(sv="Misshandel, inomhus", en="Assault, indoors"), level="person", indoor_private=True),
    Code("domestic_violence", Text(sv="Brott i nära relation", en="Domestic violence"), level="person", indoor_private=True, sensitive=True),
    Code("robbery", Text(sv="Rån", en="Robbery"), level="person"),
    Code("threat", Text(sv="Hot och ofredande", en="Threats and molestation"), level="person"),
    Code("sexual_offence", Text(sv="Sexualbrott", en="Sexual offence"), level="person", sensitive=True),
    Code("hate_crime", Text(sv="Hatbrott", en="Hate crime"), level="person", sensitive=True),
    Code("homicide", Text(sv="Dödligt våld", en="Homicide"), level="person", sensitive=True),
    Code("burglary_dwelling", Text(sv="Bostadsinbrott", en="Burglary in a dwelling"), level="property"),
    Code("burglary_other", Text(sv="Inbrott i lokal eller skola", en="Burglary, non-residential"), level="property"),
    Code("bicycle_theft", Text(sv="Cykelstöld", en="Bicycle theft"), level="property"),
    Code("vehicle_crime", Text(sv="Stöld av eller ur fordon", en="Theft of or from a vehicle"), level="property"),
    Code("theft", Text(sv="Stöld, övrig", en="Theft, other"), level="property"),
    Code("shoplifting", Text(sv="Butiksstöld", en="Shoplifting"), level="property"),
    Code("vandalism", Text(sv="Skadegörelse", en="Vandalism"), level="property"),
    Code("graffiti", Text(sv="Klotter", en="Graffiti"), level="property"),
    Code("arson", Text(sv="Anlagd brand", en="Arson"), level="property"),
    Code("disorder", Text(sv="Ordningsstörning", en="Disorder"), level="order"),
    Code("drug_offence", Text(sv="Narkotikabrott", en="Drug offence"), level="order", police_initiated=True),
    Code("drink_driving", Text(sv="Rattfylleri", en="Drink driving"), level="order", police_initiated=True),
    Code("weapons", Text(sv="Vapenbrott", en="Weapons offence"), level="order", police_initiated=True, sensitive=True),
    Code("fraud_online", Text(sv="Bedrägeri via internet", en="Online fraud"), level="property", placeless=True),
    Code("other", Text(sv="Övrigt", en="Other")),
)

PRECISION_CODES = tuple(Code(value, title) for value, title in zip(PRECISIONS, (
    Text(sv="exakt", en="exact"), Text(sv="adress", en="address"), Text(sv="gata", en="street"), Text(sv="plats", en="place"),
    Text(sv="område", en="area"), Text(sv="tätort", en="locality"), Text(sv="kommun", en="municipality"), Text(sv="län", en="county"),
    Text(sv="ingen plats", en="no place")), strict=True))

TIME_PRECISIONS = (Code("minute", Text(sv="minut", en="minute")), Code("hour", Text(sv="timme", en="hour")),
                   Code("day", Text(sv="dag", en="day")), Code("month", Text(sv="månad", en="month")))

LAYER = Layer(
    "incidents", Text(sv="Händelser", en="Incidents"), geometry="Point", key=("source_code", "source_key"), time="occurred_from",
    label="offence_type", style=Style(colour="#2b4a72"),
    columns=(
        Column("source_code", Text(sv="Källa", en="Source"), "text", required=True, shown=False),
        Column("source_key", Text(sv="Källans id", en="Source's id"), "text", required=True, shown=False, personal=True),
        Column("event_key", Text(sv="Händelse-id", en="Event id"), "text", shown=False, personal=True,
               help=Text(sv="Samma för alla rader som hör till en händelse.", en="The same for all rows of one event.")),
        Column("offence_type", Text(sv="Brottstyp", en="Offence type"), "code", codes=OFFENCE_TYPES, required=True),
        Column("offence_code", Text(sv="Brottskod", en="Offence code"), "text", shown=False),
        Column("attempt", Text(sv="Försök", en="Attempt"), "boolean", shown=False),
        Column("indoor", Text(sv="Inomhus", en="Indoors"), "boolean", shown=False),
        Column("occurred_from", Text(sv="Tid, från", en="Time, from"), "time", required=True),
        Column("occurred_to", Text(sv="Tid, till", en="Time, to"), "time"),
        Column("time_precision", Text(sv="Tiden känd till", en="Time known to"), "code", codes=TIME_PRECISIONS, required=True),
        Column("reported_at", Text(sv="Anmält", en="Reported"), "time"),
        Column("geom_precision", Text(sv="Platsen känd till", en="Place known to"), "code", codes=PRECISION_CODES, required=True),
        Column("place_text", Text(sv="Plats", en="Place"), "text", personal=True),
        Column("area_code", Text(sv="Områdeskod", en="Area code"), "text", shown=False,
               help=Text(sv="Området, när platsen bara är känd så.", en="The area, when the place is known only so.")),
        Column("details", Text(sv="Övriga uppgifter", en="Other details"), "json", shown=False, personal=True),
    ))
