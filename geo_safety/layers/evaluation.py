"""What an evaluation draws: the places that are compared, their counts, their months, and the course before. Computed, never stored."""
from __future__ import annotations

from ..model.describe import Chart, Code, Column, Layer, Style
from ..text import Text

ROLES = (
    Code("treated", Text(sv="Området", en="The place"), group="treated"),
    Code("control", Text(sv="Kontrollområdet", en="The control"), group="control"),
    Code("ring", Text(sv="Omgivningen", en="The surroundings"), group="ring"),
    Code("control_ring", Text(sv="Kontrollområdets omgivning", en="Surroundings of the control"), group="control_ring"))

ROLE = Column("role", Text(sv="Plats", en="Place"), "code", codes=ROLES)
BEFORE = Column("incidents_before", Text(sv="Före", en="Before"), "integer")
AFTER = Column("incidents", Text(sv="Efter", en="After"), "integer")
LOW = Column("low", Text(sv="Intervall, från", en="Interval, from"), "number", decimals=2, discloses="incidents")
HIGH = Column("high", Text(sv="Intervall, till", en="Interval, to"), "number", decimals=2, discloses="incidents")

PLACES = Layer("evaluation_places", Text(sv="Jämförda platser", en="Places compared"), geometry="Geometry", stored=False, label="role",
               style=Style(colour_by="role", ramp="categories"), columns=(ROLE, BEFORE, AFTER))

COUNTS = Layer(
    "evaluation_counts", Text(sv="Före och efter", en="Before and after"), stored=False, label="role",
    chart=Chart("points", x="role", value="ratio", low="low", high="high", reference=1),
    columns=(ROLE, BEFORE, AFTER,
             Column("ratio", Text(sv="Efter mot före, per dag", en="After to before, a day"), "number", decimals=2, discloses="incidents",
                    help=Text(sv="1 är ingen förändring. Ensamt säger det inte vad åtgärden gjorde: jämför med kontrollområdet.",
                              en="1 is no change. Alone it does not say what the measure did: compare with the control.")), LOW, HIGH))

EFFECTS = (Code("effect", Text(sv="Området mot kontrollområdet", en="The place to the control")),
           Code("displaced", Text(sv="Omgivningen mot kontrollområdets", en="The surroundings to those of the control")))

EFFECT = Layer(
    "evaluation_effect", Text(sv="Skillnad mot kontrollområdet", en="Difference to the control"), stored=False, label="role",
    chart=Chart("points", x="role", value="ratio", low="low", high="high", reference=1),
    columns=(Column("role", Text(sv="Vad som jämförs", en="What is compared"), "code", codes=EFFECTS),
             Column("incidents", Text(sv="Händelser, alla", en="Incidents, all"), "integer"),
             Column("ratio", Text(sv="Förändring mot kontrollens", en="Change to that of the control"), "number", decimals=2, discloses="incidents",
                    help=Text(sv="0,5 betyder hälften så många som kontrollområdets utveckling hade gett.",
                              en="0.5 means half as many as the course of the control would have given.")), LOW, HIGH,
             Column("difference", Text(sv="Skillnad i händelser (WDD)", en="Difference in events (WDD)"), "number", decimals=0, discloses="incidents"),
             Column("difference_low", Text(sv="Skillnad, från", en="Difference, from"), "number", decimals=0, discloses="incidents"),
             Column("difference_high", Text(sv="Skillnad, till", en="Difference, to"), "number", decimals=0, discloses="incidents")))

COURSE = Layer(
    "evaluation_course", Text(sv="Månad för månad", en="Month by month"), stored=False,
    chart=Chart("bars", x="month", value="incidents", beside="control_scaled", marked="after"),
    columns=(Column("month", Text(sv="Månad", en="Month"), "text"), Column("incidents", Text(sv="Området", en="The place"), "integer"),
             Column("control_scaled", Text(sv="Kontrollområdet, i områdets skala", en="The control, to the scale of the place"), "number", decimals=1,
                    discloses="incidents"),
             Column("after", Text(sv="Efter åtgärden", en="After the measure"), "boolean")))

PRE_TREND = Layer(
    "evaluation_pre_trend", Text(sv="Gick de lika före start?", en="Did they go alike before the start?"), stored=False,
    chart=Chart("points", x="step", value="ratio", low="low", high="high", marked="after", reference=1),
    columns=(Column("step", Text(sv="Steget börjar", en="The step begins"), "text"), Column("incidents", Text(sv="Området", en="The place"), "integer"),
             Column("control", Text(sv="Kontrollområdet", en="The control"), "integer"),
             Column("ratio", Text(sv="Mot kontrollområdet", en="To the control"), "number", decimals=2, discloses="incidents",
                    help=Text(sv="Stegets händelser mot andra steg före start, i kontrollområdets enheter. 1 före start betyder att de gick lika.",
                              en="Incidents of the step to other steps before the start, in units of the control. 1 before the start means they went alike.")),
             LOW, HIGH, Column("after", Text(sv="Efter åtgärden", en="After the measure"), "boolean")))

DRAWN = (PLACES, COUNTS, EFFECT, COURSE, PRE_TREND)
