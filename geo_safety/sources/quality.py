"""How good a file is, in counts and in words: what to know before trusting a map of it."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..text import Text, same
from . import figures
from .places import Written

MANY_IN_ONE_PLACE = 0.01   # share of the points on one coordinate from which it is mentioned
_METRES_A_DEGREE = 111_000


def of_frame(frame: gpd.GeoDataFrame | pd.DataFrame, time: str | None) -> dict[str, Any]:
    """Counts that hold for any layer: rows, place, piles of equal coordinates, oldest and newest."""
    told: dict[str, Any] = {"rows": len(frame)}
    if isinstance(frame, gpd.GeoDataFrame):
        told |= _of_places(np.asarray(frame.geometry))
    if time is not None and len(frame):
        values = frame[time].dropna()
        if len(values):
            told |= {"oldest": values.min().isoformat(), "newest": values.max().isoformat()}
    if "time_precision" in frame:
        told["month_only"] = int((frame["time_precision"] == "month").sum())
    return told


def _of_places(shapes: np.ndarray) -> dict[str, Any]:
    here = shapely.get_type_id(shapes) == 0
    told: dict[str, Any] = {"without_place": int((shapely.get_type_id(shapes) < 0).sum())}
    if here.any():
        piles = pd.DataFrame({"x": shapely.get_x(shapes[here]), "y": shapely.get_y(shapes[here])}).value_counts(sort=True)
        told |= {"places": len(piles), "stacked": int(piles[piles > 1].sum()), "largest_pile": int(piles.iloc[0]), "points": int(here.sum())}
    return told


def of_coordinates(found: Written | None, values: tuple[np.ndarray, np.ndarray] | None, geographic: bool) -> dict[str, Any]:
    """How finely coordinates are written: decimals, and about how many metres the last one is worth."""
    if found is None or values is None:
        return {}
    here = np.isfinite(found.x) & np.isfinite(found.y)
    digits = [n for n in (figures.decimals(column[here]) for column in values) if n is not None]
    if not digits:
        return {}
    decimals = max(digits)
    return {"decimals": decimals, "rounded_to_m": float((_METRES_A_DEGREE if geographic else 1) * 10.0 ** -decimals)}


def described(quality: Mapping[str, Any]) -> list[Text]:
    """What is worth knowing, a sentence each; nothing is said of what is as it should be."""
    said = [_many(quality, name, text) for name, text in _COUNTED.items()]
    said += [_period(quality), _share_stacked(quality), _rounding(quality), _repeated(quality), _identical(quality), _same_file(quality)]
    said += _unknown_values(quality)
    return [text for text in said if text is not None]


_COUNTED: Mapping[str, Text] = {
    "without_place": Text(sv="{n} rad saknar användbar plats. Den räknas, men syns inte på kartan.|"
                             "{n} rader saknar användbar plats. De räknas, men syns inte på kartan.",
                          en="{n} row has no usable place. It counts, but is not on the map.|"
                             "{n} rows have no usable place. They count, but are not on the map."),
    "area_only": Text(sv="För {n} av dem är området känt: den räknas där.|För {n} av dem är området känt: de räknas där.",
                      en="For {n} of them the area is known: it counts there.|For {n} of them the area is known: they count there."),
    "outside": Text(sv="{n} rad ligger utanför kommunen.|{n} rader ligger utanför kommunen.",
                    en="{n} row lies outside the municipality.|{n} rows lie outside the municipality."),
    "month_only": Text(sv="För {n} rad är bara månaden känd: timme och veckodag går inte att visa.|"
                          "För {n} rader är bara månaden känd: timme och veckodag går inte att visa.",
                       en="Only the month is known for {n} row: hour and weekday cannot be shown.|"
                          "Only the month is known for {n} rows: hour and weekday cannot be shown."),
    "repeated_hour": Text(sv="{n} tid ligger i timmen som kom två gånger när sommartiden slutade; den lästes som den första.|"
                             "{n} tider ligger i timmen som kom två gånger när sommartiden slutade; de lästes som den första.",
                          en="{n} time lies in the hour that came twice when summer time ended; it was read as the first.|"
                             "{n} times lie in the hour that came twice when summer time ended; they were read as the first."),
    "skipped_hour": Text(sv="{n} tid ligger i timmen som hoppades över när sommartiden började; den flyttades framåt.|"
                            "{n} tider ligger i timmen som hoppades över när sommartiden började; de flyttades framåt.",
                         en="{n} time lies in the hour that was skipped when summer time began; it was moved forward.|"
                            "{n} times lie in the hour that was skipped when summer time began; they were moved forward."),
    "unreadable_end": Text(sv="{n} sluttid gick inte att läsa och lämnades tom.|{n} sluttider gick inte att läsa och lämnades tomma.",
                           en="{n} end time could not be read and was left empty.|{n} end times could not be read and were left empty."),
    "unreadable_report": Text(sv="{n} anmälningstid gick inte att läsa och lämnades tom.|"
                                 "{n} anmälningstider gick inte att läsa och lämnades tomma.",
                              en="{n} time of report could not be read and was left empty.|"
                                 "{n} times of report could not be read and were left empty."),
    "shortened": Text(sv="{n} text var längre än 4 000 tecken och kortades.|{n} texter var längre än 4 000 tecken och kortades.",
                      en="{n} text was longer than 4,000 characters and was cut.|{n} texts were longer than 4,000 characters and were cut."),
    "repaired": Text(sv="{n} yta hade fel i sin gräns och rättades.|{n} ytor hade fel i sina gränser och rättades.",
                     en="{n} outline was faulty and was repaired.|{n} outlines were faulty and were repaired."),
    "merged": Text(sv="{n} kod kom i flera delar som slogs ihop.|{n} koder kom i flera delar som slogs ihop.",
                   en="{n} code came in several parts, which were joined.|{n} codes came in several parts, which were joined."),
    "several_values": Text(sv="{n} rad har flera värden i en kolumn; det första används.|"
                              "{n} rader har flera värden i en kolumn; det första används.",
                           en="{n} row has several values in one column; the first is used.|"
                              "{n} rows have several values in one column; the first is used."),
    "not_points": Text(sv="{n} plats är en linje eller yta och räknas som känd till gata eller område.|"
                          "{n} platser är linjer eller ytor och räknas som kända till gata eller område.",
                       en="{n} place is a line or an area and counts as known to street or area.|"
                          "{n} places are lines or areas and count as known to street or area."),
}


def _many(quality: Mapping[str, Any], name: str, text: Text) -> Text | None:
    return text.format(n=int(quality[name])) if quality.get(name) else None


def _period(quality: Mapping[str, Any]) -> Text | None:
    if "oldest" not in quality:
        return None
    return Text(sv="Äldsta raden är från {oldest}, nyaste från {newest}.", en="The oldest row is from {oldest}, the newest from {newest}.").format(
        oldest=date.fromisoformat(quality["oldest"][:10]), newest=date.fromisoformat(quality["newest"][:10]))


def _share_stacked(quality: Mapping[str, Any]) -> Text | None:
    points = quality.get("points", 0)
    if not points or quality["largest_pile"] < 3 or quality["largest_pile"] < MANY_IN_ONE_PLACE * points:
        return None
    return Text(sv="{stacked} av {points} punkter delar koordinat med någon annan; flest på en plats är {largest}.",
                en="{stacked} of {points} points share their coordinate with another; the most in one place is {largest}.").format(
                    stacked=quality["stacked"], points=points, largest=quality["largest_pile"])


def _rounding(quality: Mapping[str, Any]) -> Text | None:
    metres = quality.get("rounded_to_m", 0)
    if metres < 8:
        return None
    return Text(sv="Koordinaterna är avrundade till ungefär {metres} meter. Välj inte mindre rutor än så.",
                en="The coordinates are rounded to about {metres} metres. Do not choose cells smaller than that.").format(metres=round(metres))


def _repeated(quality: Mapping[str, Any]) -> Text | None:
    if not quality.get("repeated_ids"):
        return None
    return Text(sv="{n} id återkommer, {elsewhere} av dem på en annan plats. Varje rad har sparats; händelser räknas efter id.",
                en="{n} ids come again, {elsewhere} of them at another place. Every row has been kept; events count by id.").format(
                    n=quality["repeated_ids"], elsewhere=quality["repeated_ids_elsewhere"])


def _identical(quality: Mapping[str, Any]) -> Text | None:
    if not quality.get("identical_rows"):
        return None
    return Text(sv="{n} rad är helt lik en tidigare (som mest {most} lika). Alla har sparats.|"
                   "{n} rader är helt lika en tidigare (som mest {most} lika). Alla har sparats.",
                en="{n} row equals an earlier one ({most} alike at most). All have been kept.|"
                   "{n} rows equal an earlier one ({most} alike at most). All have been kept.").format(
                    n=quality["identical_rows"], most=quality["identical_largest"])


def _same_file(quality: Mapping[str, Any]) -> Text | None:
    if not quality.get("same_file_at"):
        return None
    return Text(sv="Samma fil lästes in den {day}.", en="The same file was brought in on {day}.").format(
        day=date.fromisoformat(quality["same_file_at"][:10]))


def _unknown_values(quality: Mapping[str, Any]) -> list[Text]:
    return [Text(sv="{column}: {n} rad har ett värde utan motsvarighet hos oss ({values}).|"
                    "{column}: {n} rader har värden utan motsvarighet hos oss ({values}).",
                 en="{column}: {n} row has a value that we have nothing for ({values}).|"
                    "{column}: {n} rows have values that we have nothing for ({values}).").format(
                     column=same(column), n=sum(values.values()), values=", ".join(list(values)[:5]))
            for column, values in quality.get("unknown_values", {}).items()]
