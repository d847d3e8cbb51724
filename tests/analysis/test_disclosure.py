from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo_safety.analysis.disclosure import protect
from geo_safety.errors import AccessError
from geo_safety.model.cautions import caution
from geo_safety.model.describe import Column, Layer
from geo_safety.model.features import Features, Shown
from geo_safety.model.viewer import ShareLevel, Viewer, local_viewer
from geo_safety.text import Text

LAYER = Layer("spots", Text(sv="Platser", en="Spots"), (Column("incidents", Text(sv="Antal", en="Count"), "integer"),), geometry="Point")


@pytest.fixture
def features():
    return Features(LAYER, gpd.GeoDataFrame({"incidents": [3]}, geometry=[shapely.Point(0, 0)], crs=3006), {"n": 3}, (caution("EDGE"),))


def test_inside_the_municipality_everything_is_shown_with_its_doubts(features):
    shown = protect(features, local_viewer())
    assert isinstance(shown, Shown)
    assert shown.frame is features.frame and shown.warnings == features.warnings and shown.share_level is ShareLevel.INTERNAL


@pytest.mark.parametrize("level", [ShareLevel.PARTNER, ShareLevel.PUBLIC])
def test_until_coarsening_exists_nothing_leaves_the_municipality(features, level):
    with pytest.raises(AccessError, match="Spots shows exact places"):
        protect(features, Viewer("somebody", share_level=level))
