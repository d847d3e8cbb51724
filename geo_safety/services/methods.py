"""All that can be computed from a selection: methods of places (hotspots) and of patterns, under one roof of names."""
from __future__ import annotations

from ..errors import InputError
from ..hotspots import METHODS
from ..model.describe import Method
from ..patterns import PATTERNS
from ..registry import collect
from ..text import Text

ALL: dict[str, Method] = collect(*METHODS.values(), *PATTERNS.values(), group="")


def method_named(name: str) -> Method:
    """The method; InputError that names those there are."""
    if name not in ALL:
        raise InputError(Text(sv="Det finns ingen metod {name}. De som finns är: {known}.",
                              en="There is no method {name}. Those there are: {known}.").format(name=name, known=", ".join(ALL)))
    return ALL[name]


def plain_counts(method: Method) -> Method:
    """What is given when a method will not answer: counts per cell, or per month for one without places."""
    return ALL["count_grid" if method.result.geometry else "count_months"]
