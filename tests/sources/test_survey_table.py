"""Safety surveys from a table: sums per area, and what cannot be right told row by row."""
from __future__ import annotations

import pytest

from geo_safety.errors import InputError
from geo_safety.sources import survey_table

GOOD = "Områdeskod;Fråga;År;Svar;Otrygga\nA1;Otrygg ute sena kvällar;2025;120;30\nA2;Otrygg ute sena kvällar;2025;40;0\n"


def read(tmp_path, text: str):
    path = tmp_path / "svar.csv"
    path.write_text(text, "utf-8-sig")
    return survey_table.read(path, survey_table.propose(path).accepted())


def test_a_row_is_an_area_a_question_and_a_year(tmp_path):
    told = read(tmp_path, GOOD)
    assert told.frame[["area_code", "question", "survey_year", "answers", "unsafe"]].to_numpy().tolist() == [
        ["A1", "unsafe_evening", 2025, 120, 30], ["A2", "unsafe_evening", 2025, 40, 0]]
    assert told.rejected == 0


@pytest.mark.parametrize(("row", "said"), [
    ("A3;Otrygg ute sena kvällar;2025;10;11", "More unsafe"), ("A1;Otrygg ute sena kvällar;2025;50;5", "once more"),
    (";Otrygg ute sena kvällar;2025;50;5", "missing"), ("A3;Otrygg ute sena kvällar;2025;många;5", ""), ("A3;Otrygg ute sena kvällar;2025;-4;0", "")])
def test_what_cannot_be_right_is_rejected_with_its_reason(tmp_path, row, said):
    told = read(tmp_path, GOOD + row + "\n")
    assert len(told.frame) == 2 and told.rejected == 1 and said in told.rejects["reason_en"].iloc[0]


def test_a_file_without_the_number_of_answers_says_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="Answers"):
        read(tmp_path, "Områdeskod;År;Otrygga\nA1;2025;3\n")
