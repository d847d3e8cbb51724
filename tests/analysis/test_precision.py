from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo_safety.analysis.precision import coordinates, exact_enough, top_pile
from geo_safety.errors import InputError


def points(*pairs, **columns):
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(p) if p else None for p in pairs], crs=3006)


def test_a_point_known_to_the_street_will_do_one_known_to_the_area_will_not():
    frame = points((0, 0), (0, 0), (0, 0), None, geom_precision=["exact", "street", "area", "exact"])
    assert exact_enough(frame).tolist() == [True, True, False, False]
    assert exact_enough(frame, "area").tolist() == [True, True, True, False]


def test_a_precision_that_is_missing_or_unknown_will_not_do():
    assert not exact_enough(points((0, 0), (0, 0), geom_precision=[None, "about"])).any()


def test_points_of_somebody_who_says_nothing_of_precision_count():
    assert exact_enough(points((0, 0), None)).tolist() == [True, False]


def test_a_row_without_place_has_no_coordinates():
    x, y = coordinates(points((3, 4), None))
    assert (x[0], y[0]) == (3, 4) and np.isnan([x[1], y[1]]).all()


def test_lines_are_not_incidents():
    with pytest.raises(InputError, match="must be points"):
        coordinates(gpd.GeoSeries([shapely.LineString([(0, 0), (1, 1)])], crs=3006))


def test_the_pile_is_the_coordinate_most_points_share():
    pile = top_pile(points((1, 1), (5, 5), (5, 5.001), (2, 2), None))
    assert (pile.x, pile.y, pile.incidents, pile.share) == (5, 5, 2, 0.5)
    assert top_pile(points(None)) is None
