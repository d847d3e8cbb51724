"""How unsafe people say they feel, area by area, and recorded crime beside it: two things, each with its interval, never one number."""
from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from ..analysis.felt_safety import FEW_ANSWERS, beside_crime, felt_shares
from ..hotspots.by_area import DIVISION, counted_in, numbers, of_division, outside
from ..hotspots.ground import refusal
from ..layers.surveys import QUESTIONS
from ..model.cautions import caution
from ..model.describe import Chart, Code, Column, Input, Layer, Method, Parameter
from ..model.features import Features
from ..text import Text, same
from .ground import AREA, INCIDENTS, YEAR, few, timed, told, whole_period

PERCENT = same("%")
SIDES = (
    Code("more", Text(sv="mer än i alla områden", en="more than in all areas")), Code("less", Text(sv="mindre än i alla områden", en="less than in all areas")),
    Code("unclear", Text(sv="går inte att avgöra", en="cannot be told")), Code("unknown", Text(sv="inte känt", en="not known")))


def felt_safety(points: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, answers: pd.DataFrame | None = None, period: tuple[date, date] | None = None, *,
                division: str = "auto", question: str = "unsafe_evening") -> Features:
    """The share that feels unsafe in each area, from the latest survey up to the end of the period, and incidents per resident beside it.

    Notes
    -----
    s = unsafe / answers = k/n; low, high = 100 (s + z²/2n ± z √(s (1 − s)/n + z²/4n²)) / (1 + z²/n), z = 1.96
    rate = 100,000 incidents / (population × years); rate_low, rate_high: the same of χ²(0.025; 2i) / 2 and χ²(0.975; 2i + 2) / 2 for i = incidents
    """
    used, chosen = timed(METHOD, points), of_division(areas, division)
    first, end = whole_period(used.points, period)
    latest, year = _latest(answers, list(chosen["code"]), question, (end - pd.Timedelta(days=1)).year)
    where = counted_in(used.points, chosen)
    counts = pd.Series(numbers(where, chosen), index=chosen["code"])
    people = pd.Series(pd.to_numeric(chosen["population"]).to_numpy(dtype=float), index=chosen["code"])
    beside = beside_crime(felt_shares(latest["answers"], latest["unsafe"]), counts, people, years=(end - first).days / YEAR).reindex(chosen["code"])
    number = lambda name: beside[name].to_numpy(dtype=float)  # noqa: E731
    table = pd.DataFrame({
        "name": chosen["name"].to_numpy(), "answers": beside["answers"].fillna(0).astype(int).to_numpy(), "unsafe_percent": 100 * number("unsafe_share"),
        "low": 100 * number("share_low"), "high": 100 * number("share_high"), "felt_side": beside["felt_side"].fillna("unknown").to_numpy(),
        "incidents": counts.to_numpy(), "rate": number("rate"), "rate_low": number("rate_low"), "rate_high": number("rate_high"),
        "crime_side": beside["crime_side"].to_numpy()}).sort_values("name", kind="stable")
    common = 100 * float(latest["unsafe"].sum() / latest["answers"].sum())
    rates = 100_000 * counts[people > 0].sum() / people[people > 0].sum() / ((end - first).days / YEAR) if (people > 0).any() else np.nan
    table = table.assign(all_together=common, all_rates=rates)
    doubts = [*used.warnings, *few(int(counts.sum())), *outside(where), caution("WHO_ANSWERED")]
    if (silent := int((table["answers"] < FEW_ANSWERS).sum())):
        doubts.append(caution("FEW_ANSWERS", n=silent, least=FEW_ANSWERS))
    facts = {"n": int(counts.sum()), "answers": int(latest["answers"].sum()), "survey_year": str(year), "unsafe_in_all": common, "areas": len(chosen),
             "confidence": 0.95}
    return told(METHOD, table, facts, doubts)


def _latest(answers: pd.DataFrame | None, codes: list[str], question: str, year: int) -> tuple[pd.DataFrame, int]:
    """Answers and unsafe by area in the latest survey that was made by then; Refusal when there is none."""
    asked = answers if answers is not None else pd.DataFrame(columns=["question", "survey_year", "area_code"])
    asked = asked[(asked["question"] == question) & asked["area_code"].isin(codes) & (pd.to_numeric(asked["survey_year"]) <= year)]
    if not len(asked):
        raise refusal("NO_SURVEY", method=METHOD.title)
    newest = int(pd.to_numeric(asked["survey_year"]).max())
    return asked[asked["survey_year"] == newest].groupby("area_code")[["answers", "unsafe"]].sum(), newest


METHOD = Method(
    name="felt_safety",
    title=Text(sv="Upplevd otrygghet bredvid anmälda brott", en="Felt unsafety beside recorded crime"),
    summary=Text(sv="Visar hur stor del som känner sig otrygg i varje område, med antal svar och intervall, och anmälda händelser per invånare bredvid.",
                 en="Shows what share feels unsafe in each area, with the number of answers and an interval, and recorded incidents per resident beside it."),
    does_not=Text(
        sv="Säger inte att någon känner fel: mycket anmäls aldrig, och ljus, skräp och sällskap spelar också roll. Talen läggs inte ihop och dras inte "
           "ifrån varandra. De "
           "som svarat är inte alla som bor där. Säger inget om enskilda platser eller om framtiden.",
        en="Does not say that anybody feels wrongly: much is never reported, and light, litter and company matter too. The figures are not added and not "
           "subtracted. "
           "Those who answered are not all who live there. Says nothing about single places or the future."),
    needs=(Input("points"), Input("areas"), Input("answers", required=False), Input("period", required=False)),
    parameters=(DIVISION, Parameter("question", Text(sv="Fråga", en="Question"), "choice", "unsafe_evening", choices=QUESTIONS)),
    result=Layer(
        "felt_safety", Text(sv="Andel som känner sig otrygg, %", en="Share that feels unsafe, %"), stored=False, label="name",
        chart=Chart("points", x="name", value="unsafe_percent", low="low", high="high", beside="all_together"),
        chart_beside=Chart("points", x="name", value="rate", low="rate_low", high="rate_high", beside="all_rates"),
        columns=(AREA, Column("answers", Text(sv="Svar", en="Answers"), "integer"),
                 Column("unsafe_percent", Text(sv="Otrygga", en="Unsafe"), "number", unit=PERCENT, decimals=0, discloses="answers",
                        help=Text(sv="Sägs inte när färre än 30 har svarat.", en="Not told when fewer than 30 answered.")),
                 Column("low", Text(sv="Otrygga, från", en="Unsafe, from"), "number", unit=PERCENT, decimals=0, discloses="answers",
                        help=Text(sv="95-procentigt intervall (Wilson).", en="95% interval (Wilson).")),
                 Column("high", Text(sv="Otrygga, till", en="Unsafe, to"), "number", unit=PERCENT, decimals=0, discloses="answers"),
                 Column("felt_side", Text(sv="Upplevd otrygghet är", en="Felt unsafety is"), "code", codes=SIDES, discloses="answers"), INCIDENTS,
                 Column("rate", Text(sv="Per 100 000 inv. och år", en="Per 100,000 residents a year"), "number", decimals=0, discloses="incidents"),
                 Column("rate_low", Text(sv="Per 100 000, från", en="Per 100,000, from"), "number", decimals=0, discloses="incidents"),
                 Column("rate_high", Text(sv="Per 100 000, till", en="Per 100,000, to"), "number", decimals=0, discloses="incidents"),
                 Column("crime_side", Text(sv="Anmälda händelser är", en="Recorded incidents are"), "code", codes=SIDES, discloses="incidents"),
                 Column("all_rates", Text(sv="Alla områden, per 100 000", en="All areas, per 100,000"), "number", decimals=0, shown=False,
                        discloses="incidents"),
                 Column("all_together", Text(sv="Alla områden", en="All areas"), "number", decimals=0, shown=False, discloses="answers"))),
    compute=felt_safety,
    least_precision="area",
    method_note=Text(
        sv="Andel med Wilsons intervall; antal per invånare med exakt Poissonintervall (Garwood). Sidan sägs bara när hela intervallet ligger på ena sidan "
           "av alla områden "
           "tillsammans.",
        en="Share with Wilson's interval; count per resident with the exact Poisson interval (Garwood). The side is told only when the whole interval lies "
           "on one side of all "
           "areas together."),
    references=("Wilson 1927, doi:10.1080/01621459.1927.10502953", "Garwood 1936, doi:10.1093/biomet/28.3-4.437"))
