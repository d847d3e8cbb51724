"""Measures from a table."""
from __future__ import annotations

import json

import pytest

from geo_safety.sources import measures_table
from geo_safety.sources.reading import ReadOptions

TABLE = ("Nr;Åtgärd;Slag;Status;Ansvarig;Kostnad;Påbörjad den;Genomförd den;x;y\n"
         "Å1;Ny belysning i tunneln;Ljus;Genomförd;Tekniska;125 000;2025-03-01;2025-04-15;361600;6376500\n"
         "Å2;Beskär häcken;Grönska och sikt;Planerad;Parkenheten;;2027-05-01;;;\n")


def reading_of(path, into, **changes):
    return measures_table.read(path, measures_table.propose(path, into).accepted(**changes), into)


def test_a_list_of_measures_is_understood(written, sweden):
    frame = reading_of(written("a.csv", TABLE), sweden).frame
    first = frame.iloc[0]
    assert (first["source_key"], first["title"], first["measure_type"], first["status"]) == ("Å1", "Ny belysning i tunneln", "light", "done")
    assert (first["cost_sek"], first["started_on"].isoformat(), first["done_on"].isoformat()) == (125_000, "2025-03-01", "2025-04-15")
    assert frame.iloc[1]["started_on"].isoformat() == "2027-05-01", "a measure may be planned"
    assert frame.geometry.iloc[1] is None


def test_a_measure_without_status_is_a_proposal(written, sweden):
    found = measures_table.propose(written("a.csv", "Åtgärd;Ansvarig\nNy belysning;Tekniska\n"), sweden)
    assert found.options.constants == {"status": "proposed"}


def test_a_measure_that_cannot_be_is_refused(written, sweden):
    path = written("a.csv", "Åtgärd;Status;Kostnad;Påbörjad den;Genomförd den\n;Genomförd;1;;\nA;Genomförd;dyr;;\nB;Genomförd;-5;;\nC;Vilse;1;;\n"
                            "D;Genomförd;1;2025-05-01;2025-04-01\nE;Genomförd;1;snart;\nF;Genomförd;1;2099-01-01;\nG;Genomförd;1;2025-01-01;2025-02-01\n")
    reading = reading_of(path, sweden)
    assert list(reading.frame["title"]) == ["G"]
    assert list(reading.rejects["row_number"]) == [2, 3, 4, 5, 6, 7, 8]


def test_a_measure_may_be_a_line_or_an_area(written, sweden):
    line = {"type": "LineString", "coordinates": [[12.69, 57.51], [12.70, 57.51]]}
    area = {"type": "Polygon", "coordinates": [[[12.69, 57.51], [12.70, 57.51], [12.70, 57.52], [12.69, 57.51]]]}
    shapes = (line, area, {"type": "Point", "coordinates": [12.69, 57.51]})
    path = written("a.geojson", json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"title": f"{n}"}, "geometry": shape} for n, shape in enumerate(shapes)]}))
    frame = measures_table.read(path, ReadOptions(mapping={"title": "title"}, constants={"status": "planned"}, crs="EPSG:4326"), sweden).frame
    assert list(frame.geom_type) == ["LineString", "Polygon", "Point"]
    assert frame.geometry.iloc[0].length == pytest.approx(600, rel=0.01)  # 0.01° of longitude at 57.51° is 598 m
