"""One safety walk in the dark with what was found, and five measures. Nobody is named: there is nobody to name."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from . import network, plan
from .landscape import Landscape
from .records import frame
from .truth import FENCE_DONE, LIGHT_DONE

WALK, WALK_SOURCE, MEASURE_SOURCE = "V2025-1", "sample_walk", "sample_measures"
HELD_ON = date(2025, 11, 12)
STOPS = ((60, 420), (-120, 200), (72, 10), (330, -40), (690, 330), (674, 640), (285, 740), (100, 940), (-250, 1090))

# stop, east, north, category, experience, what was found, what was proposed, how many agree, who owns the land
FINDINGS = (
    (1, 70, 440, "lighting", "neutral", "Två lampor vid cykelställen är släckta.", "Byt ljuskällor och se över skymningsreläet.", 9, "Trafikkontoret"),
    (1, 40, 448, "parking", "unsafe", "Cyklar står i en mörk vrå bakom stationshuset.", "Flytta ställen till entrésidan.", 11, "Trafikkontoret"),
    (1, 95, 436, "orientation", "neutral", "Svårt att se vart gångvägen mot Lykttunneln går.", "Sätt upp skylt vid utgången.", 6, "Samhällsbyggnad"),
    (2, -120, 205, "maintenance", "neutral", "Trasig bänk och överfull papperskorg.", "Laga bänken, töm oftare på helgen.", 5, "Gata och park"),
    (2, -90, 150, "entrances", "unsafe", "Portvalv utan ljus där man inte ser in.", "Belysning med rörelsevakt.", 8, "Privat fastighetsägare"),
    (3, 66, 24, "noise", "unsafe", "Stökigt utanför krogarna när de stänger.", "Samtal med krogarna om stängningstid och vakter.", 10, "Gata och park"),
    (3, 110, 60, "safe_place", "safe", "Torget är ljust och öppet, folk rör sig här.", "Behåll öppenheten när torget möbleras om.", 12, "Gata och park"),
    (3, 40, 85, "graffiti", "neutral", "Klotter på elskåpet vid torgets hörn.", "Sanera inom ett dygn.", 4, "Energibolaget"),
    (4, 330, -30, "lighting", "neutral", "Ojämnt ljus: starkt vid butiken, mörkt på andra sidan.", "Jämna ut med fler, svagare armaturer.", 7, "Gata och park"),
    (4, 300, -70, "accessibility", "neutral", "Hög kant vid övergångsstället.", "Fasa av kanten.", 3, "Gata och park"),
    (5, 688, 350, "vegetation", "safe", "Buskarna före tunneln är röjda, man ser igenom.", "Fortsätt klippa två gånger om året.", 10, "Gata och park"),
    (5, 676, 540, "tunnel", "safe", "Nya ljuset i tunneln är jämnt och bländar inte.", "Gör likadant i Bangårdstunneln.", 13, "Trafikkontoret"),
    (6, 668, 640, "path", "unsafe", "Efter tunneln slutar ljuset tvärt.", "Två lyktor till mot gårdarna.", 8, "Exempelbostäder"),
    (6, 600, 700, "sight", "unsafe", "Häcken är högre än en vuxen vid gångvägens krök.", "Klipp till en meter.", 9, "Exempelbostäder"),
    (7, 285, 760, "park", "neutral", "Parken är mörk i mitten men stigen runt om är upplyst.", "Lys upp ett par träd.", 6, "Gata och park"),
    (7, 200, 770, "littering", "unsafe", "Krossat glas vid grillplatsen.", "Städning före helgen, fler kärl.", 7, "Gata och park"),
    (8, 95, 955, "desolation", "unsafe", "Tomt efter klockan 18, ungdomar utan någonstans att vara.", "Öppna lokalen på kvällarna.", 12, "Exempelbostäder"),
    (8, 70, 975, "vandalism", "unsafe", "Sönderslagen ruta i den stängda butiken.", "Laga och sätt in ljus i fönstret.", 10, "Privat fastighetsägare"),
    (8, 120, 930, "graffiti", "unsafe", "Klotter på hela gaveln, legat länge.", "Sanera och måla väggen tillsammans med skolan.", 11, "Exempelbostäder"),
    (9, -240, 1085, "bus_stop", "neutral", "Väderskyddet saknar en ruta, annars bra sikt.", "Byt rutan.", 5, "Kollektivtrafiken"),
)

# Found on a walk in another locality some months later; only in the example files, so that reading them in shows something new.
LATER_WALK, LATER_HELD_ON = "V2026-1", date(2026, 3, 4)
LATER_FINDINGS = (
    (1, -5230, 7265, "lighting", "unsafe", "Lampan över entrén vid torget har varit trasig länge.", "Byt armatur.", 6, "Gata och park"),
    (1, -5190, 7215, "safe_place", "safe", "Affären lyser upp gatan fram till klockan 21.", "Behåll skyltfönstret tänt.", 8, "Privat fastighetsägare"),
    (2, -5440, 7010, "park", "unsafe", "Bruksparken är becksvart mellan bron och torget.", "Tre lyktor längs gången.", 9, "Gata och park"),
    (2, -5500, 6960, "vegetation", "neutral", "Sly hänger över gångvägen vid ån.", "Röj två meter på var sida.", 5, "Gata och park"),
    (3, -5560, 7120, "path", "unsafe", "Isig backe ner mot bron, inget räcke.", "Räcke och tidigare sandning.", 7, "Trafikkontoret"),
    (3, -5700, 7150, "littering", "neutral", "Skräp vid återvinningen.", "Töm oftare, ställ ut ett kärl till.", 4, "Renhållningen"),
    (4, -4990, 7480, "playground", "neutral", "Skolgården saknar ljus vid gungorna.", "En stolpe vid gungorna.", 5, "Fastighetsavdelningen"),
    (4, -4950, 7560, "vandalism", "unsafe", "Krossade rutor på gaveln mot skogen.", "Laga, klipp in sikt från vägen.", 7, "Fastighetsavdelningen"),
    (5, -4850, 6950, "traffic", "unsafe", "Bilar kör fort där barnen korsar mot skolan.", "Upphöjd passage.", 9, "Trafikkontoret"),
    (5, -5120, 7160, "bus_stop", "neutral", "Hållplatsen ligger i mörker bakom häcken.", "Klipp häcken och flytta lyktan.", 6, "Kollektivtrafiken"),
)

# key, title, kind, status, problem, cause, goal, owner, case number, cost, decided, started, done, follow-up
MEASURES = (
    ("A1", "Ny belysning och röjning vid Lykttunneln", "light", "evaluated",
     "Skadegörelse, hot och rån i och kring gångtunneln, mest efter mörkrets inbrott.", "Mörkt, dålig sikt och hög häck före tunneln.",
     "Minst en tredjedel färre anmälda händelser på två år.", "Gata och park", "SBN 2023/0117", 685_000, date(2023, 6, 14), date(2023, 11, 6),
     LIGHT_DONE, date(2025, 1, 31)),
    ("A2", "Staket runt Kometskolan", "access", "followed_up", "Skadegörelse på skolgården på kvällar och helger.",
     "Skolgården antas vara lätt att nå.", "Halverad skadegörelse.", "Fastighetsavdelningen", "FN 2023/0042", 940_000, date(2023, 3, 22),
     date(2023, 6, 19), FENCE_DONE, date(2024, 9, 1)),
    ("A3", "Låsbara cykelställ vid stationen", "layout", "planned", "Många cyklar stjäls dagtid.",
     "Ställen saknar ramlåsning och ligger avsides.", "Färre cykelstölder än året före.", "Trafikkontoret", "SBN 2025/0203", 410_000,
     date(2025, 10, 8), None, None, date(2027, 6, 1)),
    ("A4", "Kvällsöppen lokal i Visbackens centrum", "activation", "proposed", "Skadegörelse och ordningsstörningar sedan sommaren 2024.",
     "Ingen vuxennärvaro efter att butiken stängde.", "Platsen används varje kväll; färre händelser än i dag.", "Kultur och fritid", None,
     1_200_000, None, None, None, None),
    ("A5", "Klottersanering inom ett dygn", "upkeep", "ongoing", "Klotter blir kvar i veckor på elskåp och tunnlar.",
     "Oklart vem som beställer sanering.", "Allt klotter borta inom ett dygn efter anmälan.", "Gata och park", "SBN 2025/0088", 300_000,
     date(2025, 4, 9), date(2025, 5, 5), None, date(2026, 5, 5)),
)
LATER_MEASURES = (
    ("B1", "Ny belysning i Bruksparken", "light", "decided", "Otrygg väg mellan bron och torget.", "Ingen belysning efter torget.",
     "Parken används även på kvällen.", "Gata och park", "SBN 2026/0031", 260_000, date(2026, 3, 25), None, None, date(2027, 11, 1)),
    ("B2", "Röjning längs Påhittsån i Låtsasfors", "vegetation", "ongoing", "Skymd gångväg.", "Sly har inte röjts på flera år.",
     "Fri sikt minst två meter på var sida.", "Gata och park", "SBN 2026/0034", 45_000, date(2026, 3, 11), date(2026, 3, 30), None,
     date(2026, 9, 30)),
    ("B3", "Upphöjd passage vid Forsskolan", "layout", "assessed", "Höga hastigheter där barn går över.", "Rak väg utan hinder.",
     "85 av 100 bilar kör högst 30 km/h.", "Trafikkontoret", None, 380_000, None, None, None, None),
)
_LATER_AT = ((-5460, 7000), (-5520, 6940), (-4860, 6960))
_FINDING_COLUMNS = ["stop", "x", "y", "category", "experience", "text", "proposal", "agree", "land_owner"]
_MEASURE_COLUMNS = ["source_key", "title", "measure_type", "status", "problem", "cause", "goal", "owner", "case_number", "cost_sek", "decided_on",
                    "started_on", "done_on", "follow_up_on"]
_STATION, _SQUARE = shapely.Point(52, 450), shapely.Polygon(plan.SQUARE).buffer(60)


def safety_walks(land: Landscape) -> gpd.GeoDataFrame:
    streets = land.streets[(land.streets["locality"] == plan.TOWN.name)]
    way = network.route(streets["geometry"].to_numpy(), np.array(STOPS, dtype=float))
    return frame("safety_walks", {"code": [WALK], "title": ["Stationen–Lykttunneln–Visbacken"], "held_on": [HELD_ON], "light_state": ["dark"],
                                  "theme": ["Belysning och sikt längs gångvägarna"], "participants": [14]}, [way])


def walk_findings() -> gpd.GeoDataFrame:
    return _findings(FINDINGS, WALK, HELD_ON)


def later_findings() -> gpd.GeoDataFrame:
    """Those of the second walk, for the example files."""
    return _findings(LATER_FINDINGS, LATER_WALK, LATER_HELD_ON)


def measures(land: Landscape) -> gpd.GeoDataFrame:
    tunnel = shapely.Point(plan.LYKTTUNNELN).buffer(90, quad_segs=6)
    return _measures(MEASURES, [tunnel, land.yards["Kometskolan"], _STATION, shapely.Point(plan.VISBACKEN_CENTRE), _SQUARE])


def later_measures() -> gpd.GeoDataFrame:
    """Those that follow from the second walk, for the example files."""
    return _measures(LATER_MEASURES, list(shapely.points(_LATER_AT)))


def _findings(rows, walk: str, held_on: date) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=_FINDING_COLUMNS)
    return frame("walk_findings", {**table, "source_code": WALK_SOURCE, "source_key": [f"{walk}-{i + 1:02d}" for i in range(len(table))],
                                   "walk_code": walk, "light_state": "dark", "found_on": [held_on] * len(table), "geom_precision": "exact"},
                 shapely.points(table[["x", "y"]].to_numpy(dtype=float)))


def _measures(rows, shapes: list) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=_MEASURE_COLUMNS, dtype=object)
    return frame("measures", {**table, "cost_sek": table["cost_sek"].astype(float), "source_code": MEASURE_SOURCE}, shapes)
