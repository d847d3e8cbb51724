"""Answers to safety surveys, added up per area and question: nobody's own answer is kept."""
from __future__ import annotations

from ..model.describe import Code, Column, Layer
from ..text import Text

QUESTIONS = (
    Code("unsafe_evening", Text(sv="Otrygg ute i det egna området sena kvällar", en="Feels unsafe outdoors in the own area late in the evening")),
    Code("avoids", Text(sv="Undviker platser eller vägar av otrygghet", en="Avoids places or ways for feeling unsafe")),
    Code("worried_home", Text(sv="Orolig för inbrott i bostaden", en="Worried about burglary at home")))

LAYER = Layer(
    "surveys", Text(sv="Trygghetsmätningar", en="Safety surveys"), key=("source_code", "survey_year", "question", "area_code"),
    help=Text(sv="En rad är ett område, en fråga och ett år: hur många som svarat och hur många av dem som svarat ja.",
              en="A row is an area, a question and a year: how many answered, and how many of them said yes."),
    columns=(
        Column("source_code", Text(sv="Källa", en="Source"), "text", required=True, shown=False),
        Column("survey", Text(sv="Mätning", en="Survey"), "text"),
        Column("survey_year", Text(sv="År", en="Year"), "integer", required=True, least=1950, most=2100),
        Column("question", Text(sv="Fråga", en="Question"), "code", codes=QUESTIONS, required=True),
        Column("area_code", Text(sv="Områdeskod", en="Area code"), "text", required=True),
        Column("answers", Text(sv="Svar", en="Answers"), "integer", required=True, least=0, most=10_000_000,
               help=Text(sv="De som svarat ja eller nej. Vet ej räknas inte.", en="Those who said yes or no. Don't know does not count.")),
        Column("unsafe", Text(sv="Otrygga", en="Unsafe"), "integer", required=True, least=0, most=10_000_000, discloses="answers"),
    ))
