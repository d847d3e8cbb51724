"""The example files that people try the import with are read by the source that offers them, without a question left open."""
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_safety.layers import LAYERS
from geo_safety.sources import SOURCES
from geo_safety.sources.reading import REJECT_COLUMNS, Destination

ROOT = Path(__file__).resolve().parents[2]
EXEMPELBY = Destination(box=(464_000.0, 6_625_000.0, 496_000.0, 6_656_000.0), now=datetime(2026, 11, 22, tzinfo=UTC))
MISTAKES = {"incidents_table": {"in the future", "cannot be read", "ends before", "before 1 January 1950"}}


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_an_example_is_read_as_proposed(source):
    path = ROOT / source.sample
    proposal = source.propose(path, EXEMPELBY)
    assert not proposal.questions
    reading = source.read(path, proposal.accepted(), EXEMPELBY)
    layer = LAYERS[source.layer]
    assert reading.read == len(reading.frame) + reading.rejected > 0
    assert {column.name for column in layer.columns} <= set(reading.frame.columns)
    assert not reading.frame.duplicated(list(layer.key)).any()
    for column in layer.columns:
        values = reading.frame[column.name]
        assert not (column.required and values.isna().any()), column.name
        if column.codes:
            assert set(values.dropna()) <= {code.value for code in column.codes}
    if layer.geometry:
        assert reading.frame.crs == EXEMPELBY.crs
        assert (reading.frame.geometry.dropna().x.between(464_000, 496_000).all() if layer.geometry == "Point" else True)
    assert tuple(reading.rejects.columns) == REJECT_COLUMNS
    for said in MISTAKES.get(source.name, ()):
        assert reading.rejects["reason_en"].str.contains(said).sum() == 1, said
    assert len(reading.rejects) == len(MISTAKES.get(source.name, ()))


@pytest.mark.parametrize(("name", "other"), [("walk.csv", "walk.xlsx"), ("walk.csv", "walk.geojson"), ("measures.csv", "measures.xlsx")])
def test_the_same_rows_in_another_format_are_the_same_rows(name, other):
    source = SOURCES["walk_points" if name.startswith("walk") else "measures_table"]
    one, two = (source.read(ROOT / "data" / file, source.propose(ROOT / "data" / file, EXEMPELBY).accepted(), EXEMPELBY).frame for file in (name, other))
    assert one.drop(columns="geometry").astype(str).equals(two.drop(columns="geometry").astype(str))
    assert one.geometry.distance(two.geometry).max() < 0.1
