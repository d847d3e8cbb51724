"""May this detail leave? The one way from `Features` to `Shown`.

Results give points away: with a known bandwidth the points of a density can be recovered (Wang et al. 2019). Below INTERNAL only layers of
classes leave, and to PUBLIC nothing until there are publications: the gate fails closed.
"""
from __future__ import annotations

from ..errors import AccessError
from ..model.describe import Layer
from ..model.features import Features, Shown, passed
from ..model.viewer import ShareLevel, Viewer
from ..text import Text


def protect(features: Features, viewer: Viewer) -> Shown:
    """`features` as this viewer may see them: everything at INTERNAL, at PARTNER layers made of classes alone; AccessError, in words, else."""
    if viewer.share_level is ShareLevel.INTERNAL:
        return passed(features, viewer.share_level)
    if viewer.share_level is ShareLevel.PARTNER and may_leave(features.layer):
        return passed(features, viewer.share_level)
    raise AccessError(Text(
        sv="{layer} visar exakta platser eller små antal och delas bara inom kommunen. För partner finns Anhopningar att dela.",
        en="{layer} shows exact places or small counts and is shared inside the municipality only. For partners there is Clusters to share.").format(
            layer=features.layer.title))


def may_leave(layer: Layer) -> bool:
    """Whether a layer is made for partners: it says so, and holds classes alone, beside the number of a row."""
    return layer.leaves_at == "PARTNER" and all(column.codes or column.name == "cell" for column in layer.columns)
