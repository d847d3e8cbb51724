"""Safety surveys from a table: one row per area and question, with how many answered and how many of them feel unsafe."""
from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import InputError
from ..layers.surveys import LAYER
from ..model.describe import Source
from ..model.jobs import Progress, silent
from ..text import Text
from . import columns, values
from .limits import DEFAULT, Limits
from .opening import open_table
from .proposing import OPENING, UNCONFIRMED, Wording, proposal
from .reading import SWEDEN, Destination, Proposal, Reading, ReadOptions
from .values import Rows

FIELDS = columns.fields_of(LAYER, {
    "area_code": ("områdeskod", "områdeskoden", "deso", "regso", "kod", "area"), "answers": ("svar", "antalsvar", "svarande", "n", "respondents"),
    "unsafe": ("otrygga", "antalotrygga", "otrygg", "ja", "yes"), "survey_year": ("år", "mätår"), "question": ("fråga",),
    "survey": ("mätning", "undersökning", "enkät"),
}, required=("area_code", "answers", "unsafe", "survey_year", "question"))
QUESTION_WORDS = ((r"kväll|ute|evening", "unsafe_evening"), (r"undvik|avoid", "avoids"), (r"inbrott|hem|bostad|burgl|home", "worried_home"))
WORDING = Wording("survey_table", LAYER, FIELDS, codes={"question": QUESTION_WORDS}, needed=("area_code", "answers", "unsafe", "survey_year"),
                  constants={"question": "unsafe_evening"})


def propose(path: str | Path, into: Destination = SWEDEN, given: ReadOptions | None = None, *, limits: Limits = DEFAULT,
            progress: Progress = silent) -> Proposal:
    """How the file could be understood, to be confirmed by a person."""
    progress(0.1, OPENING)
    return proposal(path, WORDING, into, given, limits=limits)


def read(path: str | Path, options: ReadOptions, into: Destination = SWEDEN, *, limits: Limits = DEFAULT, progress: Progress = silent) -> Reading:
    """One row an area, question and year; more unsafe than answered, and the same row once more, are rejected."""
    progress(0.0, OPENING)
    table = open_table(path, options, limits)
    if options.proposed:
        raise InputError(UNCONFIRMED)
    columns.check_mapping(table, options, LAYER, FIELDS)
    for field in FIELDS:
        if field.required:
            columns.require(table, options, field)
    rows = Rows(table, options, LAYER, into)
    made = {"source_code": options.source_code or "survey_table", "survey": values.text(rows, "survey"), "area_code": values.text(rows, "area_code"),
            "question": values.coded(rows, LAYER.column("question"))}
    made |= {name: values.number(rows, LAYER.column(name), whole=True) for name in ("survey_year", "answers", "unsafe")}
    frame = pd.DataFrame(made, index=range(len(table)))[[column.name for column in LAYER.columns]]
    _refuse(rows, frame)
    kept = frame[~rows.rejects.refused].astype({"survey_year": "Int64", "answers": "Int64", "unsafe": "Int64"}).reset_index(drop=True)
    return Reading(kept, rows.rejects.frame(), rows.facts | {"rows": len(kept)}, len(table) + len(table.broken), rows.rejects.count)


def _refuse(rows: Rows, frame: pd.DataFrame) -> None:
    for name in ("area_code", "question", "survey_year", "answers", "unsafe"):
        raw = rows.raw(name)
        title = LAYER.column(name).title
        rows.rejects.add(frame[name].isna().to_numpy() & ~rows.rejects.refused, rows.column_name(name), rows.empty() if raw is None else raw, Text(
            sv="{title} saknas eller går inte att läsa.", en="{title} is missing or cannot be read.").format(title=title))
    more = (pd.to_numeric(frame["unsafe"]) > pd.to_numeric(frame["answers"])).to_numpy()
    rows.rejects.add(more, rows.column_name("unsafe"), frame["unsafe"].to_numpy(), Text(
        sv="Fler otrygga än svarande.", en="More unsafe than answered."))
    twice = np.zeros(len(frame), dtype=bool)
    left = frame[~rows.rejects.refused]
    twice[left.index[left.duplicated(["survey_year", "question", "area_code"])]] = True
    rows.rejects.add(twice, rows.column_name("area_code"), frame["area_code"].to_numpy(), Text(
        sv="Området kommer en gång till för samma fråga och år.", en="The area comes once more for the same question and year."))


SOURCE = Source(
    "survey_table", Text(sv="Trygghetsmätning ur en tabell", en="Safety survey from a table"), "surveys", read=read, propose=propose,
    coverage="register", suffixes=(".csv", ".txt", ".xlsx"), sample="data/survey.csv", default_class=1,
    help=Text(sv="En rad per område: hur många som svarat och hur många av dem som känner sig otrygga. Inga enskilda svar.",
              en="A row per area: how many answered, and how many of them feel unsafe. No single answers."))
