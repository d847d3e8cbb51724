"""The example files in `data/`: what a municipality may have at hand, all made up. `python -m geo_safety.sample.files data/` writes them.

The same seed gives the same bytes, so a test can hold the files against this module.
"""
from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xlsxwriter

from ..crs import to_wgs84
from ..layers import LAYERS
from . import SEED, Sample, build, surveys, walks
from .totals import COVERAGE

_WRITTEN_ON = datetime(2026, 4, 1)      # what the workbooks say of themselves, so that their bytes do not change
_INCIDENTS = {"source_key": "Diarienummer", "offence_type": "Brottstyp", "occurred_from": "Brottsdatum från", "occurred_to": "Brottsdatum till",
              "reported_at": "Anmäld", "north": "N", "east": "E", "geom_precision": "Platsnoggrannhet", "place_text": "Plats", "area_code": "Områdeskod"}
_FINDINGS = {"source_key": "Id", "walk_code": "Vandring", "stop": "Stopp", "found_on": "Datum", "light_state": "Ljus", "category": "Kategori",
             "experience": "Upplevelse", "text": "Iakttagelse", "proposal": "Förslag", "agree": "Håller med", "land_owner": "Markägare",
             "north": "N", "east": "E"}
_MEASURES = {"source_key": "Nr", "title": "Åtgärd", "measure_type": "Slag", "status": "Status", "problem": "Problem", "cause": "Orsak", "goal": "Mål",
             "owner": "Ansvarig", "case_number": "Diarienummer", "cost_sek": "Kostnad", "decided_on": "Beslutad den", "started_on": "Påbörjad den",
             "done_on": "Genomförd den", "follow_up_on": "Följs upp den", "north": "N", "east": "E"}
README = """# Exempelfiler

Allt här är påhittat: kommunen Exempelby, händelserna, iakttagelserna, åtgärderna och siffrorna finns inte. Filerna är till för att prova
inläsningen. De skrivs av `python -m geo_safety.sample.files data/`; samma frö ger samma filer. Fria att använda (CC0-1.0).

| Fil | Innehåll | Läses in som |
|---|---|---|
| `incidents.csv` | händelser anmälda januari–mars 2026, som ett utdrag kan se ut | `incidents_table` |
| `walk.csv`, `walk.xlsx`, `walk.geojson` | tio iakttagelser från en trygghetsvandring i Låtsasfors | `walk_points` |
| `measures.csv`, `measures.xlsx` | tre åtgärder som vandringen ledde till | `measures_table` |
| `survey.csv` | en trygghetsmätning 2026, en rad per område | `survey_table` |
| `areas.geojson` | de mindre statistikområdena (som DeSO) | `areas_file` |
| `bra_2025.csv` | anmälda brott 2025 i Exempelby och 289 påhittade kommuner, uppställda som Brås årliga lista | `bra_yearly` |

`incidents.csv` har semikolon, decimalkomma, Windows-tecken (cp1252) och SWEREF 99 TM. Fyra rader har fel som riktiga filer brukar ha: år 2099,
oläslig koordinat, slut före början och år 1899.

# Example files

All of this is made up: the municipality of Exempelby, the incidents, findings, measures and figures do not exist. The files are for trying the
import. Four rows of `incidents.csv` hold mistakes that real files hold: the year 2099, a coordinate that cannot be read, an end before its
beginning, and the year 1899. The files are written by `python -m geo_safety.sample.files data/`; the same seed gives the same files. Free to use (CC0-1.0).
"""


def contents(sample: Sample) -> dict[str, bytes]:
    """{file name: its bytes}."""
    findings, measures = _with_place(walks.later_findings()), _with_place(walks.later_measures())
    walk, action = _swedish(findings, "walk_findings", _FINDINGS), _swedish(measures, "measures", _MEASURES)
    return {
        "README.md": README.encode(), "incidents.csv": _incidents(sample.later).encode("cp1252"),
        "walk.csv": _csv(walk).encode("utf-8-sig"), "walk.xlsx": _workbook(walk, "Iakttagelser"),
        "walk.geojson": _geojson(walks.later_findings(), walk.drop(columns=["N", "E"])),
        "measures.csv": _csv(action).encode("utf-8-sig"), "measures.xlsx": _workbook(action, "Åtgärder"),
        "areas.geojson": _areas(sample["areas"]), "survey.csv": _csv(_survey(sample)).encode("utf-8-sig"),
        "bra_2025.csv": _yearly(sample["offence_statistics"]).encode("utf-8-sig")}


def _survey(sample: Sample) -> pd.DataFrame:
    rows = surveys.answers(sample["areas"], (surveys.LATER,), SEED)
    return rows.rename(columns={"survey": "Mätning", "survey_year": "År", "area_code": "Områdeskod", "answers": "Svar", "unsafe": "Otrygga"})[
        ["Mätning", "År", "Områdeskod", "Svar", "Otrygga"]]


def write(folder: Path, *, seed: int = SEED) -> None:
    """All example files into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents(build(seed)).items():
        (folder / name).write_bytes(content)


def _with_place(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """The rows with north and east of a point on each; missing where there is no place."""
    at = shapely.point_on_surface(frame.geometry.to_numpy())
    return pd.DataFrame(frame.drop(columns="geometry")).assign(north=shapely.get_y(at).round(1), east=shapely.get_x(at).round(1))


def _swedish(rows: pd.DataFrame, layer_name: str, heads: dict[str, str]) -> pd.DataFrame:
    """Columns under Swedish heads, codes in Swedish words."""
    layer, told = LAYERS[layer_name], {}
    for name, head in heads.items():
        words = {code.value: code.title.sv for code in layer.column(name).codes} if layer.has(name) else {}
        told[head] = rows[name].map(words) if words else rows[name]
    return pd.DataFrame(told)


def _incidents(later: gpd.GeoDataFrame) -> str:
    """A Swedish extract with four rows that must be refused or read with care, each among good ones."""
    rows = _swedish(_with_place(later), "incidents", _INCIDENTS)
    for head in ("Brottsdatum från", "Brottsdatum till", "Anmäld"):
        rows[head] = rows[head].dt.strftime("%Y-%m-%d %H:%M")
    rows = rows.astype(object)
    for head in ("N", "E"):
        rows[head] = [None if np.isnan(value) else f"{value:.1f}".replace(".", ",") for value in rows[head]]
    good = rows[rows["N"].notna() & rows["Brottsdatum till"].notna()].iloc
    spoilt: list[tuple[int, pd.Series, dict[str, str | None]]] = [
        (40, good[0], {"Diarienummer": "EX-2026-90001", "Brottsdatum från": "2099-02-11 21:30", "Brottsdatum till": None}),
        (120, good[7], {"Diarienummer": "EX-2026-90002", "N": "66401 7?", "E": "se karta"}),
        (200, good[14], {"Diarienummer": "EX-2026-90003", "Brottsdatum från": "2026-02-20 16:00", "Brottsdatum till": "2026-02-19 08:00"}),
        (280, good[21], {"Diarienummer": "EX-2026-90004", "Brottsdatum från": "1899-12-30 00:00", "Brottsdatum till": None})]
    listed = [row for _, row in rows.iterrows()]
    for position, row, changes in spoilt:
        listed.insert(position, row.where(~row.index.isin(list(changes)), pd.Series(changes)))
    return _csv(pd.DataFrame(listed, columns=rows.columns))


def _csv(rows: pd.DataFrame) -> str:
    return rows.to_csv(sep=";", decimal=",", index=False, lineterminator="\r\n")


def _workbook(rows: pd.DataFrame, sheet: str) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.set_properties({"created": _WRITTEN_ON, "title": "Påhittade uppgifter"})
        page = book.add_worksheet(sheet)
        head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, list(rows.columns), head)
        writers: Sequence[tuple[type, Callable]] = ((date, page.write_datetime), (str, page.write_string))
        for line, row in enumerate(rows.itertuples(index=False), start=1):
            for column, value in enumerate(row):
                if value is None or value != value:  # missing, also as NaN
                    continue
                kind = next((write for of, write in writers if isinstance(value, of)), None)
                if kind is page.write_datetime:
                    kind(line, column, value, day)
                else:
                    (kind or page.write_number)(line, column, value)
        page.set_column(0, len(rows.columns) - 1, 18)
        page.freeze_panes(1, 0)
    return stream.getvalue()


def _geojson(frame: gpd.GeoDataFrame, rows: pd.DataFrame) -> bytes:
    """RFC 7946: longitude and latitude, outer rings anticlockwise."""
    shapes = shapely.orient_polygons(shapely.set_precision(to_wgs84(frame).geometry.to_numpy(), 1e-7, mode="pointwise"))
    features = [{"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)),
                 "properties": {name: None if value is None or value != value else value.isoformat() if isinstance(value, date) else value
                                for name, value in row.items()}}
                for shape, row in zip(shapes, rows.to_dict("records"), strict=True)]
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features)
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'.encode()


def _areas(areas: pd.DataFrame) -> bytes:
    fine = areas[areas["kind"] == "deso"].reset_index(drop=True)
    rows = pd.DataFrame({"desokod": fine["code"], "namn": fine["name"], "ingår i": fine["parent_code"], "version": fine["vintage"],
                         "folkmängd": [int(people) for people in fine["population"]]})
    return _geojson(gpd.GeoDataFrame(fine), rows)


def _yearly(totals: pd.DataFrame) -> str:
    last = totals[totals["year"] == max(COVERAGE)].sort_values("municipality_name")
    rows = pd.DataFrame({"Kommun": last["municipality_name"], "Antal": last["reported"], "Per 100 000 inv.": last["per_100k"].astype(int)})
    return _csv(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "data"))
