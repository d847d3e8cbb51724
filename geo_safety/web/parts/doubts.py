"""What is doubted, what is left out and where it comes from: the lines that stand on every view."""
from __future__ import annotations

from dash import html

from ...model.cautions import Caution
from ...model.features import Provenance
from ...text import Text, day
from .icons import icon

SOURCE = Text(sv="Källa", en="Source")
NEWEST = Text(sv="nyaste uppgift {newest}", en="newest record {newest}")
LEVEL = Text(sv="intern nivå: exakta platser", en="internal level: exact places")
NO_SOURCE = Text(sv="inga uppgifter inlästa", en="no data brought in")
CAUTIONS_TITLE = Text(sv="Att tänka på", en="To bear in mind")


def cautions(found: tuple[Caution, ...], language: str) -> html.Div | None:
    """Each doubt as a sentence; MADE_UP stands on the band of the page already."""
    said = [caution for caution in found if caution.code != "MADE_UP"]
    if not said:
        return None
    return html.Div(className="gs-cautions", role="note", children=[
        html.H3([icon("info"), CAUTIONS_TITLE[language]]),
        html.Ul([html.Li(caution.text[language], **{"data-code": caution.code}) for caution in said])])


def source_line(provenance: Provenance, language: str) -> str:
    """Source · newest record · share level."""
    parts = [f"{SOURCE[language]}: " + (", ".join(dict.fromkeys(provenance.sources)) or NO_SOURCE[language])]
    if provenance.newest:
        parts.append(NEWEST.format(newest=day(provenance.newest.date(), language))[language])
    return " · ".join([*parts, LEVEL[language]])
