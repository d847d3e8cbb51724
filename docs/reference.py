"""Writes the method reference in both languages from the descriptions, and the library's from its docstrings: `make reference`."""
from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Any
from urllib.parse import quote

import geo_safety
from geo_safety.hotspots import METHODS
from geo_safety.layers.incidents import PRECISION_CODES
from geo_safety.model.cautions import CAUTIONS, REFUSALS
from geo_safety.model.describe import Column, Input, Method, Parameter
from geo_safety.patterns import PATTERNS
from geo_safety.text import Text, number

HERE = Path(__file__).parent
PAGES = {"sv": "referens-metoder.md", "en": "reference-methods.md"}
LIBRARY = "reference-library.md"
DOI = re.compile(r"doi:(10\.\S+?)(?=[;,.]?(?:\s|$))")

T = {
    "title": Text(sv="Metoder", en="Methods"),
    "made": Text(sv="Gjord av `make reference` ur beskrivningarna i programmet. Ändra dem, inte den här sidan.",
                 en="Made by `make reference` from the descriptions in the program. Change those, not this page."),
    "places": Text(sv="Hotspots: resultat på karta", en="Hotspots: results on a map"),
    "patterns": Text(sv="Mönster: resultat i diagram", en="Patterns: results in a chart"),
    "shows": Text(sv="Det här visar resultatet", en="What this shows"), "does_not": Text(sv="Det här säger resultatet inte", en="What this does not say"),
    "how": Text(sv="Så räknas det", en="How it is computed"), "needs": Text(sv="Underlag", en="Inputs"), "settings": Text(sv="Inställningar", en="Settings"),
    "columns": Text(sv="Resultatets kolumner", en="Columns of the result"), "literature": Text(sv="Litteratur", en="References"),
    "formula": Text(sv="Formel", en="Formula"), "guards": Text(sv="Spärrar", en="Guards"), "doubts": Text(sv="Kan varna för", en="May warn of"),
    "least": Text(sv="Minst {n} händelser", en="At least {n} incidents"), "no_least": Text(sv="Inget minsta antal", en="No least number"),
    "precision": Text(sv="platsen känd minst till {precision}", en="the place known at least to {precision}"),
    "any_place": Text(sv="platsen behöver inte vara känd", en="the place need not be known"),
    "effort": Text(sv="iakttagelser där någon letat räknas med", en="records from where somebody looked are taken in"),
    "register": Text(sv="iakttagelser där någon letat tas inte med", en="records from where somebody looked are not taken"),
    "refuses": Text(sv="Svarar inte, och säger varför", en="Gives no answer, and says why"),
    "codes": Text(sv="Varningar och skäl att inte svara", en="Warnings, and reasons not to answer"),
    "about_codes": Text(
        sv="Varningarna följer med resultatet på skärmen och i varje fil. Under varje metod står de som finns i dess kod, även i delar som den har gemensamma "
           "med andra. De som inte står under någon metod hör till uppgifterna, urvalet eller en utvärdering.",
        en="Warnings travel with the result, on the screen and in every file. Under each method stand those in its code, also in parts that it shares with "
           "others. Those that stand under no method come from the data, the selection or an evaluation."),
    "code": Text(sv="Kod", en="Code"), "text": Text(sv="Text", en="Text"), "or": Text(sv="eller", en="or"),
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
    lines += [f"## {say('codes')}", "", say("about_codes"), ""]
    for codes in (CAUTIONS, REFUSALS):
        lines += [_row(say(key) for key in ("code", "text")), "|---|---|"]
        lines += [_row((f"`{code}`", text[language].split("|")[-1])) for code, text in codes.items()] + [""]
    return "\n".join(lines).rstrip() + "\n"


def about(method: Method, language: str) -> list[str]:
    say = lambda key: T[key][language]  # noqa: E731
    needs = ", ".join(_input(needed, language) for needed in method.needs)
    lines = [f"### {method.title[language]}", "", f"`{method.name}`", ""]
    lines += [f"**{say(heading)}.** {text[language] if text else ''}\n" for heading, text in (
        ("shows", method.summary), ("does_not", method.does_not), ("how", method.method_note))]
    lines += [f"**{say('formula')}**", "", "```text", formula(method), "```", "", f"**{say('needs')}.** {needs}.", "",
              f"**{say('guards')}.** {_guards(method, language)}.", ""]
    said = codes_of(method.compute)
    lines += [f"**{say(heading)}.** {', '.join(f'`{code}`' for code in codes if code in said)}.\n" for heading, codes in (
        ("doubts", CAUTIONS), ("refuses", REFUSALS))]
    if method.parameters:
        lines += [f"**{say('settings')}**", "", _row(say(key) for key in ("name", "said", "default", "possible")), "|---|---|---|---|"]
        lines += [_parameter(parameter, language) for parameter in method.parameters] + [""]
    lines += [f"**{say('columns')}**", "", _row(say(key) for key in ("name", "said", "unit")), "|---|---|---|"]
    lines += [_column(column, language) for column in method.result.columns] + ["", f"**{say('literature')}**", ""]
    return [*lines, *(f"- {_linked(reference)}" for reference in method.references), ""]


def formula(method: Method) -> str:
    """The notes of the function that computes it, in the names of its columns and parameters; they read alike in both languages."""
    return (inspect.getdoc(method.compute) or "").partition("\nNotes\n-----\n")[2]


def codes_of(function: Callable[..., Any], seen: set[Any] | None = None) -> set[str]:
    """The warnings and refusals that stand in the code of a function, and of all functions of ours that it names."""
    seen = set() if seen is None else seen
    function = inspect.unwrap(function)
    if function in seen or not str(getattr(function, "__module__", "")).startswith("geo_safety"):
        return set()
    seen.add(function)
    if inspect.isclass(function):
        parts = [getattr(part, "__func__", getattr(part, "fget", part)) for part in vars(function).values()]
        return set().union(*(codes_of(part, seen) for part in parts if inspect.isfunction(part)))
    return _codes_in(function.__code__, function.__globals__, seen) if inspect.isfunction(function) else set()


def _codes_in(code: CodeType, names: dict[str, Any], seen: set[Any]) -> set[str]:
    named = [names.get(step.argval) for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"]
    found = {one for one in code.co_consts if isinstance(one, str) and (one in CAUTIONS or one in REFUSALS)}
    return found.union(*(_codes_in(inner, names, seen) for inner in code.co_consts if isinstance(inner, CodeType)),
                       *(codes_of(one, seen) for one in named if callable(one)))


def _guards(method: Method, language: str) -> str:
    say = lambda key, **values: T[key].format(**values)[language] if values else T[key][language]  # noqa: E731
    place = next(code.title for code in PRECISION_CODES if code.value == method.least_precision)
    return "; ".join((say("least", n=method.least_points) if method.least_points else say("no_least"),
                      say("any_place") if method.least_precision == "none" else say("precision", precision=place),
                      say("effort" if "effort" in method.coverage else "register")))


def _input(needed: Input, language: str) -> str:
    return INPUTS[needed.kind][language] + ("" if needed.required else f" ({T['optional'][language]})")


def _parameter(parameter: Parameter, language: str) -> str:
    possible = ", ".join(f"`{code.value}` ({code.title[language]})" for code in parameter.choices)
    if parameter.kind == "boolean":
        possible = "`True`, `False`"
    elif not possible and parameter.least is not None and parameter.most is not None:
        unit = " m" if parameter.kind == "length_m" else ""
        possible = f"{_bound(parameter.least, language)}–{_bound(parameter.most, language)}{unit}" + "".join(f", `{word}`" for word in parameter.words)
    said = parameter.title[language] + (f". {parameter.help[language]}" if parameter.help else "")
    return _row((f"`{parameter.name}`", said, f"`{parameter.default}`", possible))


def _bound(value: float, language: str) -> str:
    """A bound with the decimals that it has."""
    return number(value, language, len(f"{value:f}".rstrip("0").partition(".")[2]))


def _column(column: Column, language: str) -> str:
    said = column.title[language] + (f". {column.help[language]}" if column.help else "")
    if column.codes:
        said += " " + "; ".join(f"`{code.value}` {code.title[language]}" for code in column.codes)
    return _row((f"`{column.name}`", said, column.unit[language] if column.unit else ""))


def _row(cells) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _linked(reference: str) -> str:
    return DOI.sub(lambda found: f"[doi:{found[1]}](https://doi.org/{quote(found[1], safe='/():;')})", reference)


def library() -> str:
    """The front door of the package: each name with its signature, its docstring, and links to what it refers to."""
    lines = ["# Library", "", "Made by `make reference` from the docstrings. The names are lifted out of `geo_safety` itself.", ""]
    for name in geo_safety.__all__:
        thing = getattr(geo_safety, name)
        words = inspect.getdoc(thing) or ""
        lines += [f"## {name}", "", "```python", *_signatures(name, thing), "```", "", "```text", words, "```", ""]
        if links := [_linked(found[0]) for found in DOI.finditer(words)]:
            lines += [", ".join(dict.fromkeys(links)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _signatures(name: str, thing: Any) -> list[str]:
    """How it is called; of a class also what it can do."""
    parts = [(name, thing)]
    if inspect.isclass(thing):
        parts += [(f"{name}.{part}", getattr(thing, part)) for part in vars(thing) if not part.startswith("_") and callable(getattr(thing, part))]
    plain = re.compile(r"(?<=: )'([^']*)'|(?<=-> )'([^']*)'|<(\w+\.\w+): [^>]*>|<function (\w+) at [^>]*>")
    return [plain.sub(lambda found: found[found.lastindex or 0], f"{called}{inspect.signature(part)}") for called, part in parts]


def written() -> dict[str, str]:
    """File name to text, as it should stand in this folder."""
    return {name: page(language) for language, name in PAGES.items()} | {LIBRARY: library()}


if __name__ == "__main__":
    for name, text in written().items():
        (HERE / name).write_text(text, "utf-8")
