"""The legend as data: the same for the page, the file and the picture."""
from __future__ import annotations

import json
from dataclasses import replace

from geo_safety.maps.drawing import drawings, headline, subtitle
from geo_safety.model.cautions import caution
from geo_safety.model.selection import Selection, whole_year


def legend_of(shown, language="sv"):
    return drawings([shown], language=language)[0].legend


def test_a_legend_counts_the_rows_of_each_class(town):
    legend = legend_of(town.area_counts())
    assert (legend.title, legend.column) == ("Händelser per område", "Händelser")
    assert sum(item.n for item in legend.items) == 16
    assert legend.source.startswith("Källa: Polismyndigheten") and legend.period == "1 jan. 2025 – 31 dec. 2025"
    assert json.loads(json.dumps(legend.as_dict()))["made_up"] == "Påhittade uppgifter"


def test_what_is_missing_is_hatched_and_says_why(town):
    missing = legend_of(town.cluster_cells()).items[-1]
    assert missing.hatched and missing.label == "uppgift saknas" and missing.n > 0


def test_cold_clusters_and_empty_stages_that_nothing_is_in_are_left_out(town):
    assert not any("low" in item.label.lower() for item in legend_of(town.cluster_cells(), "en").items)
    assert [item.letter for item in legend_of(town.measures()).items] == ["1", "2", "3", "4"]


def test_the_word_made_up_stands_once_not_among_the_doubts(town):
    shown = town.incidents()
    legend = legend_of(replace(shown, warnings=(*shown.warnings, caution("MADE_UP"))))
    assert legend.made_up and not any("Påhittade" in text for text in legend.cautions)


def test_the_compared_period_is_said(town):
    asked = Selection(period=whole_year(2025), compare_with=whole_year(2024)).to_query()
    assert legend_of(town.incidents(selection=asked), "en").period == "1 Jan 2025 – 31 Dec 2025, compared with 1 Jan 2024 – 31 Dec 2024"


def test_measures_do_not_claim_a_period_that_they_were_not_asked_by(town):
    assert legend_of(town.measures()).period == ""


def test_one_or_two_layers_name_the_map_and_more_are_a_map_of_the_place(town):
    one, two = [town.incidents()], [town.area_counts(), town.measures()]
    assert headline(drawings(one, language="sv"), "sv") == "Händelser"
    assert headline(drawings(two, language="sv"), "sv") == "Händelser per område och åtgärder"
    drawn = drawings([*two, town.findings()], language="en")
    title = headline(drawn, "en")
    assert title == "Map of Exempelköping"
    assert "Exempelköping" not in subtitle(drawn, "en", under=title) and subtitle(drawn, "en", under="Läget").startswith("Exempelköping · ")


def test_few_are_drawn_above_many_and_points_above_areas(town):
    drawn = drawings([town.measures(), town.incidents(), town.area_counts(), town.findings()], language="sv")
    assert [d.shown.layer.name for d in drawn] == ["area_counts", "incidents", "walk_findings", "measures"]
