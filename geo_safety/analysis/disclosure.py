"""May this detail leave? The one way from `Features` to `Shown`.

Results give points away: with a known bandwidth the points of a density can be recovered (Wang et al. 2019). Until
coarsening and publications exist, nothing leaves below INTERNAL: the gate fails closed.
"""
from __future__ import annotations

from ..errors import AccessError
from ..model.features import Features, Shown, passed
from ..model.viewer import ShareLevel, Viewer
from ..text import Text


def protect(features: Features, viewer: Viewer) -> Shown:
    """`features` as this viewer may see them: everything at INTERNAL; AccessError, in words, at PARTNER and PUBLIC."""
    if viewer.share_level is ShareLevel.INTERNAL:
        return passed(features, viewer.share_level)
    raise AccessError(Text(
        sv="{layer} visar exakta platser och delas bara inom kommunen. En version för partner och allmänhet går ännu inte att göra.",
        en="{layer} shows exact places and is shared inside the municipality only. A version for partners and the public cannot be "
           "made yet.").format(layer=features.layer.title))
