"""The classes that the areas of a map are coloured in, the same for map and legend."""
from __future__ import annotations

import numpy as np

from ...maps.classes import Classes, classify
from ...model.describe import Style
from ...model.features import Shown
from ..context import Context


def measured(here: Context) -> str:
    """The column that the view asks for: the count, or the rate."""
    return "rate_per_100k" if here.view.measure == "rate" else "incidents"


def area_classes(here: Context, shown: Shown) -> Classes:
    column = measured(here)
    return classify(np.round(shown.frame[column].to_numpy(dtype=float)), Style(colour_by=column, ramp="sequential"), language=here.language)
