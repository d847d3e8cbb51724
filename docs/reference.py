"""Writes the method reference in both languages from the descriptions, and the library's from its docstrings: `make reference`."""
from __future__ import annotations

import inspect
import re
from pathlib import Path

import geo_safety
from geo_safety.hotspots import METHODS
from geo_safety.model.describe import Column, Input, Method, Parameter
from geo_safety.patterns import PATTERNS
from geo_safety.text import Text, number

HERE = Path(__file__).parent
PAGES = {"sv": "referens-metoder.md", "en": "reference-methods.md"}
LIBRARY = "reference-library.md"

T = {
    "title": Text(sv="Metoder", en="Methods"),
    "made": Text(sv="Gjord av `make reference` ur beskrivningarna i programmet. Ändra dem, inte den här sidan.",
                 en="Made by `make reference` from the descriptions in the program. Change those, not this page."),
    "places": Text(sv="Hotspots: resultat på karta", en="Hotspots: results on a map"),
    "patterns": Text(sv="Mönster: resultat i diagram", en="Patterns: results in a chart"),
    "shows": Text(sv="Det här visar resultatet", en="What this shows"), "does_not": Text(sv="Det här säger resultatet inte", en="What this does not say"),
    "how": Text(sv="Så räknas det", en="How it is computed"), "needs": Text(sv="Underlag", en="Inputs"), "settings": Text(sv="Inställningar", en="Settings"),
    "columns": Text(sv="Resultatets kolumner", en="Columns of the result"), "literature": Text(sv="Litteratur", en="References"),
    "guards": Text(sv="Minst {n} händelser, kända minst till: {precision}. Iakttagelser där någon letat: {effort}.",
                   en="At least {n} incidents, known at least to: {precision}. Records from where somebody looked: {effort}."),
    "yes": Text(sv="räknas med", en="taken in"), "no": Text(sv="tas inte med", en="not taken"),
    "name": Text(sv="Namn", en="Name"), "said": Text(sv="Betydelse", en="Meaning"), "default": Text(sv="Förval", en="Default"),
    "possible": Text(sv="Möjligt", en="Possible"), "unit": Text(sv="Enhet", en="Unit"), "optional": Text(sv="kan saknas", en="may be absent"),
}
INPUTS = {
    "answers": Text(sv="trygghetsmätningar", en="safety surveys"),
    "points": Text(sv="händelser i perioden", en="incidents of the period"), "points_before": Text(sv="händelser i jämförelseperioden",
                                                                                                   en="incidents of the compared period"),
    "history": Text(sv="alla händelser till periodens slut", en="all incidents to the end of the period"), "area": Text(sv="området", en="the area"),
    "areas": Text(sv="en indelning i områden", en="a division into areas"), "exposure": Text(sv="invånare, adresser, gata", en="residents, addresses, streets"),
    "key": Text(sv="kommunens hemliga nyckel", en="the secret key of the municipality"), "lines": Text(sv="gator", en="streets"),
    "period": Text(sv="perioden", en="the period"),
}


def page(language: str) -> str:
    say = lambda key: T[key][language]  # noqa: E731
    lines = [f"# {say('title')}", "", say("made"), ""]
    for key, registry in (("places", METHODS), ("patterns", PATTERNS)):
        lines += [f"## {say(key)}", ""]
        for method in registry.values():
            lines += about(method, language)
    return "\n".join(lines).rstrip() + "\n"


def about(method: Method, language: str) -> list[str]:
    say = lambda key: T[key][language]  # noqa: E731
    needs = ", ".join(_input(needed, language) for needed in method.needs)
    guards = T["guards"].format(n=method.least_points, precision=method.least_precision, effort=T["yes" if "effort" in method.coverage else "no"])[language]
    note = method.method_note[language] if method.method_note else ""
    lines = [f"### {method.title[language]}", "", f"`{method.name}`", "", f"**{say('shows')}.** {method.summary[language]}", "",
             f"**{say('does_not')}.** {method.does_not[language]}", "", f"**{say('how')}.** {note}", "", f"**{say('needs')}.** {needs}. {guards}", ""]
    if method.parameters:
        lines += [f"**{say('settings')}**", "", _row(say(key) for key in ("name", "said", "default", "possible")), "|---|---|---|---|"]
        lines += [_parameter(parameter, language) for parameter in method.parameters] + [""]
    lines += [f"**{say('columns')}**", "", _row(say(key) for key in ("name", "said", "unit")), "|---|---|---|"]
    lines += [_column(column, language) for column in method.result.columns] + ["", f"**{say('literature')}**", ""]
    return [*lines, *(f"- {_linked(reference)}" for reference in method.references), ""]


def _input(needed: Input, language: str) -> str:
    return INPUTS[needed.kind][language] + ("" if needed.required else f" ({T['optional'][language]})")


def _parameter(parameter: Parameter, language: str) -> str:
    possible = ", ".join(f"`{code.value}` ({code.title[language]})" for code in parameter.choices)
    if not possible and parameter.least is not None:
        possible = f"{number(parameter.least, language)}–{number(parameter.most, language)}" + "".join(f", `{word}`" for word in parameter.words)
    said = parameter.title[language] + (f". {parameter.help[language]}" if parameter.help else "")
    return _row((f"`{parameter.name}`", said, f"`{parameter.default}`", possible))


def _column(column: Column, language: str) -> str:
    said = column.title[language] + (f". {column.help[language]}" if column.help else "")
    if column.codes:
        said += " " + "; ".join(f"`{code.value}` {code.title[language]}" for code in column.codes)
    return _row((f"`{column.name}`", said, column.unit[language] if column.unit else ""))


def _row(cells) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _linked(reference: str) -> str:
    return re.sub(r"doi:(\S+?)(?=[;,]?$|[;,]\s)", lambda found: f"[doi:{found.group(1)}](https://doi.org/{found.group(1)})", reference)


def library() -> str:
    """The front door of the package: each name with its signature and docstring."""
    lines = ["# Library", "", "Made by `make reference` from the docstrings. The names are lifted out of `geo_safety` itself.", ""]
    for name in geo_safety.__all__:
        thing = getattr(geo_safety, name)
        signature = f"{name}{inspect.signature(thing)}" if callable(thing) and not inspect.isclass(thing) else name
        plain = re.sub(r"(: |-> )'([^']*)'", r"\1\2", signature)
        lines += [f"## {name}", "", "```python", plain, "```", "", "```text", inspect.getdoc(thing) or "", "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def written() -> dict[str, str]:
    """File name to text, as it should stand in this folder."""
    return {name: page(language) for language, name in PAGES.items()} | {LIBRARY: library()}


if __name__ == "__main__":
    for name, text in written().items():
        (HERE / name).write_text(text, "utf-8")
