"""What an evaluation may conclude – these five and no other – and where what left a place may have gone, as codes with texts."""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..text import Text, percent

VERDICTS: Mapping[str, Text] = MappingProxyType({
    "decrease": Text(sv="tydlig minskning jämfört med kontrollområdet", en="clear decrease compared with the control area"),
    "cannot_tell": Text(sv="går inte att avgöra", en="cannot be told"),
    "no_difference": Text(sv="ingen skillnad större än ±{margin}", en="no difference larger than ±{margin}"),
    "increase": Text(sv="tydlig ökning", en="clear increase"),
    "not_as_planned": Text(sv="ej genomförd som planerat", en="not carried out as planned"),
})

DISPLACEMENTS: Mapping[str, Text] = MappingProxyType({
    "displacement": Text(sv="överflyttning: omgivningen fick fler", en="displacement: the surroundings got more"),
    "diffusion": Text(sv="spridning av positiva effekter: omgivningen fick färre", en="diffusion of benefits: the surroundings got fewer"),
    "cannot_tell": Text(sv="om något flyttade till omgivningen går inte att avgöra", en="whether anything moved to the surroundings cannot be told"),
})

LIMITS: Mapping[str, Text] = MappingProxyType({
    "smallest": Text(sv="Upplägget hittar en verklig minskning på minst {share} i {found} av fallen. Mindre minskningar syns oftast inte.",
                     en="The design finds a real fall of at least {share} in {found} of cases. Smaller falls are mostly not seen."),
    "nothing": Text(sv="Händelserna är för få: inte ens om allt upphörde skulle upplägget hitta det i {found} av fallen.",
                    en="The events are too few: not even the end of everything would be found in {found} of cases."),
    "no_control": Text(sv="Utan kontrollområde kan upplägget inte visa någon effekt.", en="Without a control area the design cannot show any effect."),
    "cause": Text(sv="Utvärderingen säger om det ändrades mer än i kontrollområdet, inte varför.",
                  en="The evaluation says whether there was more change than in the control area, not why."),
    "absence": Text(sv="Att det inte går att avgöra betyder inte att åtgärden saknade effekt.",
                    en="That it cannot be told does not mean that the measure had no effect."),
    "surroundings": Text(sv="Omgivningen är inte undersökt: om något flyttade dit är okänt.",
                         en="The surroundings were not looked at: whether anything moved there is not known."),
})


def share_text(share: float) -> Text:
    """A share as whole per cent in both languages."""
    return Text(sv=percent(share, "sv"), en=percent(share, "en"))
