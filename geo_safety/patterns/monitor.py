"""Is something going on? Each week or month of the period against what the time before leads one to expect."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.monitoring import LEAST_BASELINE
from ..analysis.monitoring import monitor as watched
from ..errors import Refusal
from ..hotspots.ground import refusal
from ..model.describe import Chart, Code, Column, Input, Layer, Method, Parameter
from ..model.features import Features
from ..text import Text
from .ground import INCIDENTS, SEED, TIME, local, timed, told, whole_period, zone_of

REPORTED = "reported_at"
DAYS = {"week": 7.0, "month": 30.44}
WATCH = 26


def monitor(history: gpd.GeoDataFrame, period: tuple[date, date] | None = None, *, step: str = "week", alpha: float = 0.005, delay: bool = True,
            seed: int = 1) -> Features:
    """The steps of the period with exact limits and a CUSUM; all steps before are the baseline. See `analysis.monitoring.monitor`.

    Notes
    -----
    m = expected; B incidents of the baseline, r = m / the expected of the baseline
    p = P(X ≥ incidents), X binomial (incidents + B, r / (1 + r)); limit: the largest count whose p ≥ alpha, a stricter alpha when the baseline scatters
    cusum_t = max(0, cusum_{t−1} + z_t − 1.04), z = 1.5 (x^(2/3) − m^(2/3)) / m^(1/6), x = incidents
    """
    used = timed(METHOD, history)
    points = used.points
    first, end = whole_period(points, None)
    known = points[REPORTED] if delay and REPORTED in points.columns and points[REPORTED].notna().any() else None
    if known is not None:   # the data reach at least to the last report
        end = max(end, local(known).max())
    ends = min(end, pd.Timestamp(period[1])) if period else end
    begins = max(first, pd.Timestamp(period[0])) if period else ends - pd.Timedelta(days=WATCH * DAYS[step])
    most = int((ends - first).days / DAYS[step]) - LEAST_BASELINE - 2
    watch = min(max(1, round((ends - begins).days / DAYS[step])), most)
    if most < 1:
        raise refusal("TOO_FEW_STEPS", n=max(0, most + LEAST_BASELINE), method=METHOD.title, least=LEAST_BASELINE + 1)
    try:
        made = watched(points[TIME], reported=known, step=step, watch=watch, until=ends, tz=zone_of(points), alpha=alpha, seed=seed)
    except Refusal as refused:
        raise refusal("TOO_FEW_STEPS", n=LEAST_BASELINE, method=METHOD.title, least=LEAST_BASELINE + 1) from refused
    frame = made.frame
    table = pd.DataFrame({"start": frame["start"].dt.strftime("%Y-%m-%d"), **{name: frame[name] for name in (
        "incidents", "expected", "limit", "p", "cusum")}, "above": frame["above"], "alarm": frame["alarm"], "stands_out": frame["above"] | frame["alarm"]})
    facts = {"n": made.n, "step": step, "watched": len(frame), "baseline_steps": made.baseline_steps, "season": made.season, "scatter": made.scatter,
             "threshold": made.threshold, "delay_days": None if np.isnan(made.delay_days) else made.delay_days, "left_out_steps": made.left_out,
             "alpha": alpha, "above_steps": int(frame["above"].sum()), "alarms": int(frame["alarm"].sum()), "p": "exact", "seed": seed}
    return told(METHOD, table, facts, [*used.warnings, *made.warnings])


METHOD = Method(
    name="monitor",
    title=Text(sv="Ovanliga veckor och månader", en="Unusual weeks and months"),
    summary=Text(sv="Visar periodens veckor eller månader mot vad tiden före ger anledning att vänta sig: enstaka toppar och sådant som smyger sig på.",
                 en="Shows the weeks or months of the period against what the time before leads one to expect: single peaks and what creeps up."),
    does_not=Text(
        sv="Säger inte vad som orsakat en topp; det kan vara en enda händelse som gett många anmälningar. Säger inget om kommande veckor. Ett tyst diagram är "
           "inget bevis för att inget hänt.",
        en="Does not say what caused a peak; it may be one event that gave many reports. Says nothing about coming weeks. A quiet chart is no proof that "
           "nothing happened."),
    needs=(Input("history"), Input("period", required=False)),
    parameters=(
        Parameter("step", Text(sv="Steg", en="Step"), "choice", "week",
                  choices=(Code("week", Text(sv="Vecka", en="Week")), Code("month", Text(sv="Månad", en="Month")))),
        Parameter("alpha", Text(sv="Andel falska larm per steg", en="Share of false signals a step"), "number", 0.005, least=0.0005, most=0.1, advanced=True,
                  help=Text(sv="0,005 är en vecka på tvåhundra.", en="0.005 is one week in two hundred.")),
        Parameter("delay", Text(sv="Lämna ut veckor som inte är färdiganmälda", en="Leave out weeks not fully reported"), "boolean", True, advanced=True,
                  help=Text(sv="Hur länge anmälan brukar dröja lärs av äldre händelser.", en="How long reporting takes is learnt from older incidents.")),
        SEED),
    result=Layer(
        "monitor", Text(sv="Ovanliga veckor och månader", en="Unusual weeks and months"), stored=False,
        chart=Chart("bars", x="start", value="incidents", beside="expected", beside_high="limit", marked="stands_out"),
        columns=(Column("start", Text(sv="Steget börjar", en="The step begins"), "text"), INCIDENTS,
                 Column("expected", Text(sv="Väntat", en="Expected"), "number", decimals=1, discloses="incidents",
                        help=Text(sv="Nivån före perioden, med årstid när det finns minst två år.",
                                  en="The level before the period, with season when there are two years.")),
                 Column("limit", Text(sv="Gräns", en="Limit"), "number", decimals=0, discloses="incidents",
                        help=Text(sv="Så många kan det bli av slump. Fler är ovanligt.", en="As many may come by chance. More is unusual.")),
                 Column("p", Text(sv="p", en="p"), "number", decimals=4, discloses="incidents",
                        help=Text(sv="Sannolikheten för så många eller fler.", en="The probability of as many or more.")),
                 Column("above", Text(sv="Över gränsen", en="Above the limit"), "boolean", discloses="incidents"),
                 Column("cusum", Text(sv="Samlat överskott", en="Piled-up surplus"), "number", decimals=2, discloses="incidents",
                        help=Text(sv="CUSUM: det som legat över det väntade, steg för steg, i standardavvikelser.",
                                  en="CUSUM: what has been above the expected, step by step, in standard errors.")),
                 Column("alarm", Text(sv="Smyger sig på", en="Creeping up"), "boolean", discloses="incidents",
                        help=Text(sv="Överskottet har passerat sin gräns.", en="The surplus has passed its bound.")),
                 Column("stands_out", Text(sv="Sticker ut", en="Stands out"), "boolean", shown=False, discloses="incidents"))),
    compute=monitor,
    least_points=20,
    least_precision="none",
    method_note=Text(
        sv="Stegen före perioden är underlaget. Gränsen är exakt givet underlagets antal och vidgas när antalen svänger mer än slumpen. CUSUM läggs ihop av "
           "standardiserade överskott; gränsen är satt så att ett falskt larm kommer en gång på 500 steg. De senaste stegen lämnas ut tills nio av tio "
           "händelser brukar vara anmälda.",
        en="The steps before the period are the baseline. The limit is exact given their count, and widens when the counts swing more than chance. The CUSUM "
           "adds up standardised surpluses; its bound is set so that a false signal comes once in 500 steps. The latest steps are left out until nine of ten "
           "incidents are usually reported."),
    references=("Lucas 1985, doi:10.1080/00401706.1985.10488030", "Rossi, Lampugnani & Marchi 1999, "
                                                                  "doi:10.1002/(SICI)1097-0258(19990830)18:16<2111::AID-SIM171>3.0.CO;2-Q"))
