"""A form drawn from the parameters of a method, and the values that a person has put into it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from ...errors import InputError
from ...model.describe import Method, Parameter
from ...text import Text, number
from ..context import Context

ADVANCED = Text(sv="Fler inställningar", en="More settings")
NOT_A_NUMBER = Text(sv="{title}: {value} är inget tal mellan {least} och {most}.", en="{title}: {value} is not a number from {least} to {most}.")
YES_NO = {"true": True, "false": False}


def form(method: Method, values: Mapping[str, Any], here: Context) -> html.Div:
    """One control per parameter, the rarely used folded away."""
    plain = [_control(p, values[p.name], here) for p in method.parameters if not p.advanced]
    rare = [_control(p, values[p.name], here) for p in method.parameters if p.advanced]
    folded = html.Details([html.Summary(here.say(ADVANCED)), html.Div(rare, className="gs-form")], className="gs-fold") if rare else None
    return html.Div([*plain, folded], className="gs-form")


def _control(parameter: Parameter, value: Any, here: Context):
    label = here.say(parameter.title) + (" (m)" if parameter.kind == "length_m" else "")
    about = {"id": {"parameter": parameter.name}, "label": label, "description": here.say(parameter.help) if parameter.help else None}
    if parameter.kind == "choice":
        return dmc.Select(**about, value=str(value), allowDeselect=False, comboboxProps={"zIndex": 2000},
                          data=[{"value": code.value, "label": here.say(code.title)} for code in parameter.choices])
    if parameter.kind == "boolean":
        return dmc.Select(**about, value="true" if value else "false", allowDeselect=False, comboboxProps={"zIndex": 2000}, data=[
            {"value": "true", "label": here.say(Text(sv="Ja", en="Yes"))}, {"value": "false", "label": here.say(Text(sv="Nej", en="No"))}])
    return dmc.TextInput(**about, value=written(value), debounce=True, inputProps={"inputMode": "decimal"})


def written(value: Any) -> str:
    """A value as it stands in a form and in an address."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def values_of(method: Method, given: Mapping[str, str | None]) -> dict[str, Any]:
    """Checked values for all parameters of a method: what is not given has its default; InputError names what cannot be used."""
    return {parameter.name: _value(parameter, given.get(parameter.name)) for parameter in method.parameters}


def _value(parameter: Parameter, text: str | None) -> Any:
    if text is None or (text == "" and parameter.default is not None):
        return parameter.default
    if text == "":
        return None
    if parameter.kind == "choice":
        return text if any(code.value == text for code in parameter.choices) else parameter.default
    if parameter.kind == "boolean":
        return YES_NO.get(text, parameter.default)
    if text in parameter.words:
        return text
    try:
        value = float(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except ValueError:
        value = float("nan")
    if not (parameter.least if parameter.least is not None else value) <= value <= (parameter.most if parameter.most is not None else value):
        raise InputError(NOT_A_NUMBER.format(title=parameter.title, value=text[:40], least=Text(*_said(parameter.least)), most=Text(*_said(parameter.most))))
    return int(value) if parameter.kind == "integer" else value


def _said(bound: float | None) -> tuple[str, str]:
    return number(bound, "sv"), number(bound, "en")
