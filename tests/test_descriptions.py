"""Runs over the registries: what is described once must be whole, in both languages, and equal to the function it describes."""
from __future__ import annotations

import inspect
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from geo_safety.analysis.disclosure import may_leave
from geo_safety.exports import EXPORTERS
from geo_safety.layers import LAYERS
from geo_safety.layers.evaluation import DRAWN
from geo_safety.model.cautions import CAUTIONS, REFUSALS
from geo_safety.model.describe import Column, Layer
from geo_safety.services.methods import ALL as METHODS
from geo_safety.sources import SOURCES
from geo_safety.text import Text

ROOT = Path(__file__).resolve().parent.parent
COUNTS = re.compile(r"^[a-z][a-z0-9_]*$")


def texts(thing, trail=""):
    """Every Text inside a description, with the way to it."""
    if isinstance(thing, Text):
        yield trail, thing
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from texts(getattr(thing, field.name), f"{trail}.{field.name}")
    elif isinstance(thing, tuple):
        for i, item in enumerate(thing):
            yield from texts(item, f"{trail}[{i}]")


@pytest.mark.parametrize("described", [*LAYERS.values(), *DRAWN, *METHODS.values(), *SOURCES.values(), *EXPORTERS.values()], ids=lambda d: d.name)
def test_every_word_stands_in_both_languages(described):
    for trail, text in texts(described):
        assert text.sv.strip(), f"{described.name}{trail} says nothing in Swedish"
        assert text.en.strip(), f"{described.name}{trail} says nothing in English"


@pytest.mark.parametrize("codes", [CAUTIONS, REFUSALS], ids=["cautions", "refusals"])
def test_every_caution_takes_the_same_values_in_both_languages(codes):
    names = re.compile(r"\{(\w+)")
    for code, text in codes.items():
        assert set(names.findall(text.sv)) == set(names.findall(text.en)), code


@pytest.mark.parametrize("layer", [*LAYERS.values(), *DRAWN], ids=lambda layer: layer.name)
def test_a_layer_names_its_columns_once_and_keeps_to_plain_names(layer: Layer):
    names = [column.name for column in layer.columns]
    assert len(names) == len(set(names))
    assert all(COUNTS.match(name) for name in names)
    assert layer.time is None or layer.has(layer.time)
    assert layer.label is None or layer.has(layer.label)
    for column in layer.columns:
        assert column.discloses is None or layer.has(column.discloses), f"{column.name} discloses a column that is not there"
        if column.codes:
            assert len({code.value for code in column.codes}) == len(column.codes)


@pytest.mark.parametrize("layer", [layer for layer in LAYERS.values() if layer.stored and layer.key != ("uid",)], ids=lambda layer: layer.name)
def test_a_stored_layer_is_recognised_by_columns_it_has(layer: Layer):
    assert layer.key
    assert all(layer.has(name) for name in layer.key)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_takes_what_its_description_says(method):
    signature = inspect.signature(method.compute)
    inputs = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    keywords = {p.name: p.default for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY}
    assert [p.name for p in inputs] == [needed.kind for needed in method.needs]
    for needed, given in zip(method.needs, inputs, strict=True):
        assert (given.default is inspect.Parameter.empty) == needed.required
    assert {p.name: p.default for p in method.parameters} == keywords


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_says_what_it_does_not_show_and_has_a_source(method):
    assert len(method.does_not.sv) > 40
    assert method.method_note is not None
    assert method.references
    for parameter in method.parameters:
        if parameter.kind == "choice":
            assert parameter.default in [code.value for code in parameter.choices]
        if parameter.kind in ("integer", "number", "length_m") and not isinstance(parameter.default, str | None):
            assert parameter.least <= parameter.default <= parameter.most
        assert (parameter.kind == "length_m") == parameter.name.endswith("_m"), f"{parameter.name}: lengths end in _m"


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_ranks_and_colours_by_columns_of_its_result(method):
    assert all(method.result.has(name) for name in method.rank_by)
    assert method.result.style.colour_by is None or method.result.has(method.result.style.colour_by)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_result_has_places_or_a_chart_of_its_columns(method):
    layer = method.result
    if layer.geometry:
        assert layer.has("incidents") or may_leave(layer), "the count always stands beside, unless no count may leave"
        assert layer.chart is None and layer.style.colour_by
    else:
        assert layer.chart is not None
        for chart in filter(None, (layer.chart, layer.chart_beside)):
            assert all(layer.has(name) for name in chart.columns)
        assert (layer.chart.low is None) == (layer.chart.high is None)
        assert (layer.chart.kind == "heat") == (layer.chart.y is not None)


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.name)
def test_a_source_fills_a_layer_and_has_an_example_file(source):
    assert source.layer in LAYERS
    assert source.suffixes
    assert source.sample is not None
    assert (ROOT / source.sample).is_file()


@pytest.mark.parametrize("exporter", EXPORTERS.values(), ids=lambda exporter: exporter.name)
def test_an_exporter_has_a_suffix_and_a_media_type_of_its_own(exporter):
    assert exporter.suffix.startswith(".")
    assert "/" in exporter.media_type


def test_a_description_used_twice_is_refused():
    from geo_safety.errors import GeoSafetyError
    from geo_safety.registry import collect
    twin = LAYERS["areas"]
    with pytest.raises(GeoSafetyError, match="areas"):
        collect(twin, twin, group="geo_safety.layers")


def test_rates_and_shares_fall_with_their_count():
    for layer in (*LAYERS.values(), *DRAWN):
        for column in layer.columns:
            if re.search(r"rate|ratio|share|per_100k|density", column.name) and column.name != "inside_share":
                assert column.discloses, f"{layer.name}.{column.name} gives a count back and must say which"


def test_a_column_keeps_its_code_list():
    column = Column("colour", Text(sv="Färg", en="Colour"), "code", codes=LAYERS["areas"].column("kind").codes)
    assert column.code("regso").title.sv == "RegSO"
    assert column.code("nothing") is None
