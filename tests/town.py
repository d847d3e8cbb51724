"""A small made-up town for tests of maps and exports: sixteen districts, a ground, a grid, incidents, measures, findings."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo_safety.analysis.disclosure import protect
from geo_safety.layers import LAYERS
from geo_safety.layers.computed import AREA_COUNTS
from geo_safety.model.cautions import caution
from geo_safety.model.describe import Code, Column, Layer, Style
from geo_safety.model.features import Features, Provenance, Shown
from geo_safety.model.selection import Selection, whole_year
from geo_safety.model.viewer import Viewer
from geo_safety.text import Text

CRS = "EPSG:3006"
WEST, SOUTH, SIDE = 350_000.0, 6_380_000.0, 4_000.0
VIEWER = Viewer("planner")
EVIL = '=cmd|"/c calc"!A1</script><img src=x onerror=alert(1)>'   # a formula and HTML at once: an ordinary value

CLUSTER_CELLS = Layer(
    "cluster_cells", Text(sv="Anhopningar, Gi*", en="Clusters, Gi*"), geometry="Polygon", stored=False,
    style=Style(colour_by="cluster", ramp="clusters"),
    columns=(
        Column("cell", Text(sv="Ruta", en="Cell"), "integer"),
        Column("incidents", Text(sv="Händelser", en="Incidents"), "integer"),
        Column("expected", Text(sv="Väntat antal", en="Expected"), "number", decimals=2),
        Column("z", Text(sv="z", en="z"), "number", discloses="incidents"),
        Column("p_adjusted", Text(sv="p, justerat", en="p, adjusted"), "number", discloses="incidents"),
        Column("cluster", Text(sv="Anhopning", en="Cluster"), "code", discloses="incidents", codes=(
            Code("hot_99", Text(sv="Anhopning, 99 %", en="Cluster, 99%")), Code("hot_95", Text(sv="Anhopning, 95 %", en="Cluster, 95%")),
            Code("none", Text(sv="Sticker inte ut", en="Does not stand out")))),
    ))


def provenance(**changes) -> Provenance:
    known = Provenance(
        sources=("Polismyndigheten, uttag vecka 32",), batches=("b-1",),
        selection=Selection(period=whole_year(2025), types=("vandalism", "theft")).to_query(),
        made_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC), revision=7, newest=datetime(2025, 12, 30, tzinfo=UTC), made_up=True,
        municipality="Exempelköping", code_version="0.1.0")
    return replace(known, **changes)


def shown(layer: Layer, frame: pd.DataFrame, *, facts: dict | None = None, cautions: tuple = (), **about) -> Shown:
    """Rows of `layer` that passed the gate; columns that `frame` lacks are empty."""
    frame = frame.copy()
    for column in layer.columns:
        if column.name not in frame:
            frame[column.name] = None
    return protect(Features(layer, frame, facts or {"n": len(frame)}, cautions, provenance(**about)), VIEWER)


def incidents(n: int = 300, *, seed: int = 1, **about) -> Shown:
    """`n` incidents around the middle of the town; every tenth is known only to its area, some happened in homes."""
    rng = np.random.default_rng(seed)
    xy = rng.normal((WEST + SIDE / 2, SOUTH + SIDE / 2), SIDE / 6, (n, 2)).round(1)
    start = pd.Timestamp("2025-01-01", tz="Europe/Stockholm") + pd.to_timedelta(rng.integers(0, 365 * 24, n), unit="h")
    coarse = np.arange(n) % 10 == 9
    places = [None if c else Point(x, y) for (x, y), c in zip(xy, coarse, strict=True)]
    frame = gpd.GeoDataFrame({
        "id": np.arange(1, n + 1), "uid": [f"u-{i}" for i in range(n)], "info_class": 1,
        "source_code": "police", "source_key": [f"K{i:05d}" for i in range(n)],
        "offence_type": rng.choice(["vandalism", "theft", "assault_public", "domestic_violence"], n, p=[.4, .35, .2, .05]),
        "attempt": [None, True, False] * (n // 3) + [None] * (n % 3), "occurred_from": start.as_unit("us"), "occurred_to": pd.NaT,
        "time_precision": "hour", "geom_precision": np.where(coarse, "area", "address"),
        "place_text": [EVIL if i == 0 else f"Storgatan {i}" for i in range(n)], "area_code": [f"{i % 16:02d}" for i in range(n)],
        "details": [{"objekt": "busskur", "skada": 1500.5} if i == 1 else None for i in range(n)]}, geometry=places, crs=CRS)
    frame["occurred_to"] = pd.Series(pd.NaT, index=frame.index, dtype=frame["occurred_from"].dtype)
    return shown(LAYERS["incidents"], frame, cautions=(caution("NOT_ALL_CRIME"),), **about)


def area_counts(**about) -> Shown:
    step = SIDE / 4
    cells = [MultiPolygon([box(WEST + i * step, SOUTH + j * step, WEST + (i + 1) * step, SOUTH + (j + 1) * step)])
             for i in range(4) for j in range(4)]
    counts = np.array([0, 4, 7, 12, 3, 55, 61, 9, 5, 48, 80, 14, 2, 8, 11, 6])
    people = np.array([80, *[2000] * 15], dtype=float)
    rate = np.where(people >= 100, counts / people * 100_000, np.nan)
    frame = gpd.GeoDataFrame({
        "kind": "regso", "code": [f"{i:02d}" for i in range(16)], "name": [f"Område {i}" if i else EVIL for i in range(16)],
        "incidents": counts, "incidents_coarse": counts // 10, "population": people, "rate_per_100k": rate,
        "rate_low": rate * 0.8, "rate_high": rate * 1.3}, geometry=cells, crs=CRS)
    return shown(AREA_COUNTS, frame, facts={"n": int(counts.sum()), "years": 1.0, "per": 100_000, "confidence": 0.95},
                 cautions=(caution("LOW_POP", n=1), caution("NOT_ALL_CRIME")), **about)


def cluster_cells(side: int = 20, **about) -> Shown:
    rng = np.random.default_rng(4)
    step = SIDE / side
    row, column = (np.array(v) for v in zip(*[(r, c) for r in range(side) for c in range(side)], strict=True))
    distance = np.hypot(row - side / 2, column - side / 2)
    counts = rng.poisson(3 * np.exp(-distance**2 / side))
    frame = gpd.GeoDataFrame({
        "cell": np.arange(side * side), "incidents": counts, "expected": 0.4, "z": counts - 0.4, "p_adjusted": np.exp(-counts.astype(float)),
        "cluster": np.select([distance < 2, distance < 3, distance > 0.65 * side], ["hot_99", "hot_95", None], "none")},
        geometry=[box(WEST + c * step, SOUTH + r * step, WEST + (c + 1) * step, SOUTH + (r + 1) * step)
                  for r, c in zip(row, column, strict=True)], crs=CRS)
    about = {"method": "getis_ord", "method_version": "1", "parameters": {"cell_size_m": 200, "p": "exact"}, "seed": 3, **about}
    return shown(CLUSTER_CELLS, frame, facts={"n": int(counts.sum()), "cells": len(frame), "denominator": "residents", "correction": "fdr"},
                 cautions=(caution("MANY_TESTS", n=400, expected=4),), **about)


def measures(**about) -> Shown:
    x, y = WEST + SIDE / 2, SOUTH + SIDE / 2
    frame = gpd.GeoDataFrame({
        "uid": [f"m-{i}" for i in range(5)], "source_code": "own", "source_key": [f"M{i}" for i in range(5)],
        "title": ["Ny belysning i parken", "Röjning vid tunneln", "Nattvandring", "Målning av tunneln", "Kameror"],
        "measure_type": ["light", "vegetation", "presence", "layout", "technology"],
        "status": ["ongoing", "planned", "proposed", "done", "rejected"], "cost_sek": [125_000.0, 40_000.5, None, 15_000, None],
        "decided_on": [date(2025, 2, 3), date(2025, 5, 1), None, date(2024, 9, 9), None]},
        geometry=[Polygon([(x, y), (x + 300, y), (x + 300, y + 200), (x, y + 200)]), Point(x - 400, y + 100), Point(x + 500, y - 500),
                  LineString([(x - 200, y - 300), (x - 100, y - 350)]), None], crs=CRS)
    return shown(LAYERS["measures"], frame, **about)


def findings(n: int = 12, **about) -> Shown:
    rng = np.random.default_rng(8)
    xy = rng.uniform((WEST + 1200, SOUTH + 1200), (WEST + 2800, SOUTH + 2800), (n, 2)).round(1)
    frame = gpd.GeoDataFrame({
        "source_code": "walk", "source_key": [f"F{i}" for i in range(n)], "walk_code": "V1", "stop": np.arange(n),
        "category": ["lighting", "vegetation", "tunnel"] * (n // 3), "experience": ["unsafe", "neutral", "safe"] * (n // 3),
        "text": ["Mörkt under bron", "Skymd sikt,\nhög häck; klipps", "Fint"] * (n // 3), "found_on": date(2025, 10, 14),
        "geom_precision": "exact"}, geometry=[Point(x, y) for x, y in xy], crs=CRS)
    return shown(LAYERS["walk_findings"], frame, **about)


def offence_statistics(**about) -> Shown:
    """A layer without geometry."""
    frame = pd.DataFrame({"source_code": "bra", "municipality_name": ["Exempelköping", "-Annanköping"], "year": [2024, 2024],
                          "offence_group": "Samtliga brott", "reported": [3210, 88], "per_100k": [9171.5, None], "preliminary": [False, None]})
    return shown(LAYERS["offence_statistics"], frame, **about)


def base_map(**about) -> Shown:
    """Land, a lake, a park, blocks, streets, a railway and names."""
    x, y, s = WEST, SOUTH, SIDE
    rows = [("land", None, 1, box(x - 500, y - 500, x + s + 500, y + s + 500)), ("water", "Sjön", 1, Point(x + 600, y + 3000).buffer(700)),
            ("park", "Stadsparken", 2, box(x + 2400, y + 1500, x + 2900, y + 2000)), ("forest", None, 1, box(x + 2900, y + 2900, x + 4400, y + 4400)),
            ("built", None, 1, box(x + 900, y + 900, x + 2900, y + 2900)), ("main", "Storgatan", 1, LineString([(x - 500, y + 2050), (x + s + 500, y + 2050)])),
            ("railway", None, 1, LineString([(x + 1000, y - 500), (x + 1400, y + s + 500)]))]
    rows += [("local", f"Gata {i}", 2, LineString([(x + 1000 + 200 * i, y + 1000), (x + 1000 + 200 * i, y + 2900)])) for i in range(9)]
    rows += [("local", f"Väg {i}", 2, LineString([(x + 1000, y + 1000 + 210 * i), (x + 2800, y + 1000 + 210 * i)])) for i in range(9)]
    rows += [("path", None, 3, LineString([(x + 2400, y + 1500), (x + 2900, y + 2000)]))]
    rows += [("building", None, 3, box(x + 1030 + 200 * i, y + 1030 + 210 * j, x + 1120 + 200 * i, y + 1100 + 210 * j))
             for i in range(8) for j in range(8)]
    rows += [("name", "Exempelköping", 1, Point(x + 2000, y + 2200)), ("name", "Norrby", 2, Point(x + 1500, y + 3300)),
             ("name", "Sjön", 2, Point(x + 600, y + 3000)), ("name", "Stadsparken", 3, Point(x + 2650, y + 1750))]
    role, name, rank, shapes = zip(*rows, strict=True)
    frame = gpd.GeoDataFrame({"code": [f"b{i}" for i in range(len(rows))], "role": role, "name": name, "rank": rank}, geometry=list(shapes), crs=CRS)
    return shown(LAYERS["base_map"], frame, **about)
