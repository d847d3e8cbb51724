"""Measures in the physical environment, from proposal to evaluation."""
from __future__ import annotations

from ..model.describe import Code, Column, Layer, Style
from ..text import Text

STATUSES = (
    Code("proposed", Text(sv="Föreslagen", en="Proposed")),
    Code("assessed", Text(sv="Bedömd", en="Assessed")),
    Code("rejected", Text(sv="Avslagen", en="Rejected")),
    Code("decided", Text(sv="Beslutad", en="Decided")),
    Code("planned", Text(sv="Planerad", en="Planned")),
    Code("ongoing", Text(sv="Pågår", en="Ongoing")),
    Code("done", Text(sv="Genomförd", en="Done")),
    Code("followed_up", Text(sv="Uppföljd", en="Followed up")),
    Code("evaluated", Text(sv="Utvärderad", en="Evaluated")),
    Code("paused", Text(sv="Pausad", en="Paused")),
    Code("ended", Text(sv="Avvecklad", en="Ended")),
)

MEASURE_TYPES = tuple(Code(value, title) for value, title in (
    ("light", Text(sv="Ljus", en="Light")), ("vegetation", Text(sv="Grönska och sikt", en="Vegetation and sight")),
    ("upkeep", Text(sv="Skötsel", en="Upkeep")), ("layout", Text(sv="Utformning", en="Layout")),
    ("access", Text(sv="Skalskydd", en="Access and locks")), ("activation", Text(sv="Aktivering", en="Activation")),
    ("presence", Text(sv="Närvaro", en="Presence")), ("technology", Text(sv="Teknik", en="Technology")),
    ("rules", Text(sv="Regler och information", en="Rules and information")), ("plan", Text(sv="Plan", en="Planning"))))

LAYER = Layer(
    "measures", Text(sv="Åtgärder", en="Measures"), geometry="Geometry", key=("source_code", "source_key"), time="started_on", label="title",
    style=Style(colour="#2f9e44", colour_by="status", ramp="categories"),
    columns=(
        Column("source_code", Text(sv="Källa", en="Source"), "text", required=True, shown=False),
        Column("source_key", Text(sv="Källans id", en="Source's id"), "text", required=True, shown=False),
        Column("title", Text(sv="Åtgärd", en="Measure"), "text", required=True),
        Column("measure_type", Text(sv="Slag", en="Kind"), "code", codes=MEASURE_TYPES),
        Column("status", Text(sv="Status", en="Status"), "code", codes=STATUSES, required=True),
        Column("problem", Text(sv="Problem", en="Problem"), "long_text"),
        Column("cause", Text(sv="Orsak", en="Cause"), "long_text"),
        Column("goal", Text(sv="Mål", en="Goal"), "long_text"),
        Column("owner", Text(sv="Ansvarig", en="Owner"), "text",
               help=Text(sv="Förvaltning, bolag, polis eller privat; ingen person.", en="Department, company, police or private; no person.")),
        Column("case_number", Text(sv="Diarienummer", en="Case number"), "text"),
        Column("cost_sek", Text(sv="Kostnad", en="Cost"), "number", unit=Text(sv="kr", en="SEK"), least=0, decimals=0),
        Column("decided_on", Text(sv="Beslutad den", en="Decided on"), "date"),
        Column("started_on", Text(sv="Påbörjad den", en="Started on"), "date"),
        Column("done_on", Text(sv="Genomförd den", en="Done on"), "date"),
        Column("follow_up_on", Text(sv="Följs upp den", en="Follow-up on"), "date"),
    ))
