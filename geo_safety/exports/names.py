"""Names of layers and files: plain ASCII that every program and disk takes."""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ..model.features import Shown

SPELT = str.maketrans({"å": "aa", "ä": "ae", "ö": "oe", "Å": "Aa", "Ä": "Ae", "Ö": "Oe", "é": "e", "ü": "ue", "ø": "oe", "æ": "ae", "ß": "ss"})


def plain(text: str) -> str:
    """Lower-case letters, figures and hyphens; å, ä and ö are spelt aa, ae and oe."""
    spelt = unicodedata.normalize("NFKD", text.translate(SPELT)).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", spelt.lower()).strip("-")


def layer_names(shown: Sequence[Shown]) -> list[str]:
    """The name of each layer in a file; one that comes twice gets a number."""
    met: dict[str, int] = {}
    names = []
    for one in shown:
        met[one.layer.name] = met.get(one.layer.name, 0) + 1
        names.append(one.layer.name if met[one.layer.name] == 1 else f"{one.layer.name}_{met[one.layer.name]}")
    return names
