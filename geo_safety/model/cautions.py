"""What a result doubts or refuses, as codes with texts: the codes travel with the data, the texts are said to people."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..text import Text

CAUTIONS: Mapping[str, Text] = MappingProxyType({
    "SMALL_N": Text(sv="Bara {n} händelse i urvalet. Slumpen väger tungt; läs antalet, inte mönstret.|"
                       "Bara {n} händelser i urvalet. Slumpen väger tungt; läs antalet, inte mönstret.",
                    en="Only {n} incident in the selection. Chance weighs heavily; read the count, not the pattern.|"
                       "Only {n} incidents in the selection. Chance weighs heavily; read the count, not the pattern."),
    "SPARSE_GRID": Text(sv="I genomsnitt {mean} händelser per ruta. Välj större rutor eller längre period innan en enskild ruta tolkas.",
                        en="{mean} incidents per cell on average. Choose larger cells or a longer period before reading a single cell."),
    "NOT_RISK_ADJUSTED": Text(sv="Visar var det händer mycket, vilket oftast är där många vistas. Inte var risken är hög.",
                              en="Shows where much happens, which is mostly where many people are. Not where the risk is high."),
    "WIDE_SELECTION": Text(sv="Urvalet innehåller brottstyper som säger lite om platsen: {types}.",
                           en="The selection holds offence types that say little about the place: {types}."),
    "ZERO_BASE": Text(sv="{n} ruta hade inga händelser i jämförelseperioden; kvoten saknas där, bara antalet visas.|"
                         "{n} rutor hade inga händelser i jämförelseperioden; kvoten saknas där, bara antalen visas.",
                      en="{n} cell had no incidents in the compared period; there is no ratio there, only the counts.|"
                         "{n} cells had no incidents in the compared period; there is no ratio there, only the counts."),
    "LOW_POP": Text(sv="{n} område har färre än 100 invånare; där visas antal i stället för tal per invånare.|"
                       "{n} områden har färre än 100 invånare; där visas antal i stället för tal per invånare.",
                    en="{n} area has fewer than 100 residents; the count is shown there instead of a rate.|"
                       "{n} areas have fewer than 100 residents; counts are shown there instead of rates."),
    "GEOCODE_PILE": Text(sv="{share} av punkterna ligger på exakt samma koordinat ({n} händelser). Det är oftast en plats som registret "
                            "använder när adressen är okänd.",
                         en="{share} of the points lie on one and the same coordinate ({n} incidents). That is mostly a place the "
                            "register uses when the address is not known."),
    "EDGE": Text(sv="Bortom gränsen är inget känt. Värden nära kanten är osäkrare än andra.",
                 en="Nothing is known beyond the border. Values near the edge are less certain than others."),
    "MANY_TESTS": Text(sv="{n} rutor prövades utan korrigering för många test; ungefär {expected} väntas sticka ut av ren slump.",
                       en="{n} cells were tested without correction for many tests; about {expected} are expected to stand out by chance."),
    "LEFT_OUT_CELLS": Text(sv="Rutor utan invånare, adress eller gata är inte med: {share_area} av ytan och {n} av händelserna.",
                           en="Cells without a resident, an address or a street are left out: {share_area} of the area and {n} of the incidents."),
    "NOTHING_EXPECTED": Text(sv="{n} händelse ligger där inget väntas inom räckhåll, så rutan är inte prövad. Välj större rutor eller en annan jämförelse.|"
                                "{n} händelser ligger där inget väntas inom räckhåll, så de rutorna är inte prövade. Välj större rutor eller en annan "
                                "jämförelse.",
                             en="{n} incident lies where nothing is expected within reach, so its cell was not tested. Choose larger cells or another "
                                "comparison.|"
                                "{n} incidents lie where nothing is expected within reach, so those cells were not tested. Choose larger cells or another "
                                "comparison."),
    "NO_EXPOSURE": Text(sv="Lagret med invånare, adresser och gator saknas, så hela ytan prövas, även skog och vatten. Det gör att "
                           "bebyggda rutor lätt ser heta ut.",
                        en="The layer with residents, addresses and streets is missing, so the whole area is tested, forest and water "
                           "too. That makes built-up cells look hot."),
    "WITHOUT_PLACE": Text(sv="{n} av {total} händelser i urvalet saknar så noggrann plats som metoden kräver och är inte med.",
                          en="{n} of {total} incidents in the selection lack a place as exact as the method needs and are left out."),
    "EFFORT_LEFT_OUT": Text(sv="{n} uppgift kommer från iakttagelser där någon har tittat och är inte med: var man letade avgör var något syns.|"
                               "{n} uppgifter kommer från iakttagelser där någon har tittat och är inte med: var man letade avgör var något syns.",
                            en="{n} record comes from where somebody looked and is left out: where one looked decides what was seen.|"
                               "{n} records come from where somebody looked and are left out: where one looked decides what was seen."),
    "OUTSIDE_STEPS": Text(sv="{n} händelse ligger före det första hela tidssteget eller saknar tid och är inte med i mönstret.|"
                             "{n} händelser ligger före det första hela tidssteget eller saknar tid och är inte med i mönstret.",
                          en="{n} incident lies before the first whole step of time or has no time, and takes no part in the pattern.|"
                             "{n} incidents lie before the first whole step of time or have no time, and take no part in the pattern."),
    "OUTSIDE": Text(sv="{n} händelse ligger utanför det undersökta området och är inte med.|"
                       "{n} händelser ligger utanför det undersökta området och är inte med.",
                    en="{n} incident lies outside the area searched and is left out.|"
                       "{n} incidents lie outside the area searched and are left out."),
    "UNEVEN_PERIODS": Text(sv="Perioderna är olika långa ({days} och {days_before} dagar). Jämförelsen räknar om till lika lång tid.",
                           en="The periods differ in length ({days} and {days_before} days). The comparison allows for that."),
    "UNEVEN_SEASONS": Text(sv="Perioderna täcker olika delar av året; en skillnad kan vara årstiden.",
                           en="The periods cover different parts of the year; a difference may be the season."),
    "COUNTS_ONLY": Text(sv="Metoden svarar inte på de här uppgifterna. Antalen visas i stället.",
                        en="The method gives no answer on these data. The counts are shown instead."),
    "MADE_UP": Text(sv="Påhittade uppgifter: kommunen, händelserna och åtgärderna finns inte.",
                    en="Made-up data: the municipality, the incidents and the measures do not exist."),
    "NOT_ALL_CRIME": Text(sv="Anmälda brott är inte alla brott: vad som anmäls skiljer mellan platser, grupper och brottstyper.",
                          en="Reported crime is not all crime: what is reported differs between places, groups and types."),
    "REPORTING_DELAY": Text(sv="De senaste veckorna är ofullständiga: en del anmäls sent.",
                            en="The latest weeks are incomplete: some incidents are reported late."),
    "MONTH_ONLY": Text(sv="Tiden är bara känd till månad för {share} av händelserna: timme och veckodag kan inte visas för dem.",
                       en="The time is known only to the month for {share} of the incidents: hour and weekday cannot be shown for them."),
    "NO_CONTROL": Text(sv="Utan kontrollområde: siffrorna säger inte vad som hade hänt ändå.",
                       en="Without a control area: the figures do not say what would have happened anyway."),
    "FEW_IN_A_CELL": Text(sv="Något av antalen är under {least}: intervallet för skillnaden håller inte. Läs den exakta kvoten.",
                          en="One of the counts is below {least}: the interval of the difference does not hold. Read the exact ratio."),
    "FEW_DRAWS": Text(sv="{n} omkastningar är för få för att en ensam anhopning bland {tested} rutor ska kunna bli säker. Välj minst {least}.",
                      en="{n} permutations are too few for a single gathering among {tested} cells to become sure. Choose at least {least}."),
    "FEW_WEIGHTED": Text(sv="Någon av de vägda summorna är värd färre än {least} lika tunga händelser: vägt går det inte att avgöra. Räkna även utan vikter.",
                         en="One of the weighted sums is worth fewer than {least} equally heavy events: by weight it cannot be told. Compute without weights "
                            "too."),
    "WEIGHTED_RATIO": Text(sv="Vägda summor har ingen exakt kvot: kvoten mot kontrollområdet är ungefärlig, och slutsatsen kräver att den och den vägda "
                              "skillnaden säger samma sak.",
                           en="Weighted sums have no exact ratio: the ratio to the control area is approximate, and the verdict asks that it and the weighted "
                              "difference say the same."),
    "OVERDISPERSED": Text(sv="Antalen svänger {times} gånger mer än slumpen ensam: händelser kommer i klungor. Intervallen är vidgade efter det.",
                          en="The counts swing {times} times more than chance alone: events come in clusters. The intervals are widened for it."),
    "ONE_EVENT_WEIGHS": Text(sv="En enda händelse står för {share} av den vägda summan.", en="A single incident makes up {share} of the weighted sum."),
    "SELECTED_BAD_YEAR": Text(sv="Platsen valdes för att mycket hade hänt där. Sådana platser blir oftast lugnare av sig själva, också utan åtgärd.",
                              en="The place was chosen because much had happened there. Such places mostly get calmer by themselves, measure or not."),
    "ASK_BAD_YEAR": Text(sv="Varför valdes platsen? Om det var för att den hade ett dåligt år hade den oftast blivit lugnare av sig själv.",
                         en="Why was the place chosen? If it was for a bad year, it would mostly have got calmer by itself."),
    "HIGH_BEFORE": Text(sv="Perioden före åtgärden hade {more} fler händelser per dag än tiden dessförinnan. Blev det bara som vanligt igen ger det "
                           "{fall} färre.",
                        en="The period before the measure had {more} more events a day than the time before it. Going back to the usual alone gives "
                           "{fall} fewer."),
    "DONE_UNKNOWN": Text(sv="Det är inte noterat om åtgärden genomfördes som planerat. Läs det först.",
                         en="It is not noted whether the measure was carried out as planned. Read that first."),
    "NET_UNCLEAR": Text(sv="Räknas omgivningen med är minskningen inte säker: en del kan ha flyttat dit.",
                        en="With the surroundings counted in the decrease is not sure: some may have moved there."),
    "FEW_CLUSTERS": Text(sv="Bara {n} jämförelse med obehandlade områden går att göra: p kan inte bli lägre än {least}, så inget kan avgöras på 5 procent.|"
                            "Bara {n} jämförelser med obehandlade områden går att göra: p kan inte bli lägre än {least}, så inget kan avgöras på 5 procent.",
                         en="Only {n} comparison with untreated places can be made: p cannot go below {least}, so nothing can be told at 5 per cent.|"
                            "Only {n} comparisons with untreated places can be made: p cannot go below {least}, so nothing can be told at 5 per cent."),
    "TRENDS_APART": Text(sv="Områdena gick olika vägar redan före start (p {p}). Jämförelsen visar då inte vad åtgärden gjorde.",
                         en="The places went different ways already before the start (p {p}). The comparison then does not show what the measure did."),
    "AUTOCORRELATED": Text(sv="Ett högt steg följs ofta av ett högt ({r} i samband). Intervallen är vidgade efter det.",
                           en="A high step is often followed by a high one (correlation {r}). The intervals are widened for it."),
    "TIME_REVERSED": Text(sv="{n} händelse slutar innan den börjar och är inte med.|{n} händelser slutar innan de börjar och är inte med.",
                          en="{n} event ends before it begins and is left out.|{n} events end before they begin and are left out."),
    "LONG_SPANS": Text(sv="{share} av händelserna kan ha skett när som helst under mer än ett dygn: toppar i tid är utjämnade.",
                       en="{share} of the events may have happened at any time in more than a day: peaks in time are smoothed out."),
    "TWO_PEAKS": Text(sv="Händelserna samlas kring två tider. Medeltiden ligger mellan dem och säger inget; läs fördelningen.",
                      en="The events gather around two times. Their mean lies between them and says nothing; read the distribution."),
    "SPANS_OVER_NIGHT": Text(sv="{share} av händelserna har en tid som spänner över mer än ett halvt dygn: om de skedde i mörker är mest gissat.",
                             en="{share} of the events have a time that spans more than half a day: whether they happened in the dark is mostly guessed."),
    "ONE_YEAR": Text(sv="Någon månad finns med mindre än två gånger: årstid går inte att skilja från just det året.",
                     en="Some month is there less than twice: season cannot be told from that one year."),
    "NOT_COMPLETE": Text(sv="Det senaste steget är inte med: en del anmäls sent.|De {n} senaste stegen är inte med: en del anmäls sent.",
                         en="The latest step is left out: some incidents are reported late.|"
                            "The latest {n} steps are left out: some incidents are reported late."),
    "MANY_STEPS": Text(sv="{n} steg jämförs med var sin gräns; ungefär {expected} passerar den av ren slump.",
                       en="{n} steps are each held against a limit; about {expected} pass it by mere chance."),
    "CONTROL_UNLIKE": Text(sv="Kontrollområdet har en annan nivå ({control} mot {treated} händelser före). Välj helst ett mer likt.",
                           en="The control area is of another level ({control} against {treated} events before). Rather choose one more alike."),
    "FAR_FROM_STREETS": Text(sv="{n} händelse ligger mer än {metres} m från alla gator och räknas inte till någon.|"
                                "{n} händelser ligger mer än {metres} m från alla gator och räknas inte till någon.",
                             en="{n} incident lies more than {metres} m from every street and counts to none.|"
                                "{n} incidents lie more than {metres} m from every street and count to none."),
    "WEIGHTED": Text(sv="Händelserna är vägda med vikter som kommunen ska bestämma. Ändra vikterna och se om bilden står sig.",
                     en="The incidents are weighted with weights for the municipality to set. Change them and see whether the picture holds."),
    "MASKED": Text(sv="Platserna är flyttade och {share} av rutorna sägs inte, för att ingen ska kunna räknas tillbaka.",
                   en="Places have been moved and {share} of the cells are not told, so that none can be computed back."),
    "MASK_WIDER_THAN_CELLS": Text(sv="Flyttningen ({moved} m) är stor mot rutorna: hotspots kan ligga i en ruta intill. Välj större rutor.",
                                  en="The moving ({moved} m) is large against the cells: hotspots may lie in a cell beside. Choose wider cells."),
    "WHO_ANSWERED": Text(sv="De som svarat är inte alla som bor där, och mätningen kan vara gjord en annan tid än händelserna.",
                         en="Those who answered are not all who live there, and the survey may be from another time than the incidents."),
    "FEW_ANSWERS": Text(sv="{n} område har färre än {least} svar: där sägs ingen andel.|{n} områden har färre än {least} svar: där sägs ingen andel.",
                        en="{n} area has fewer than {least} answers: no share is told there.|"
                           "{n} areas have fewer than {least} answers: no share is told there."),
    "WITHOUT_TIME": Text(sv="{n} händelse saknar tid och är inte med.|{n} händelser saknar tid och är inte med.",
                         en="{n} incident has no time and is left out.|{n} incidents have no time and are left out."),
    "OUTSIDE_AREAS": Text(sv="{n} händelse hör inte till något av områdena, eller är för ungefärligt känd, och är inte med.|"
                             "{n} händelser hör inte till något av områdena, eller är för ungefärligt kända, och är inte med.",
                          en="{n} incident belongs to none of the areas, or is known too roughly, and is left out.|"
                             "{n} incidents belong to none of the areas, or are known too roughly, and are left out."),
    "PARTLY_MONTHS": Text(sv="Någon månad ligger bara delvis i perioden; dess antal är inte jämförbart med de andra.",
                          en="Some month lies only partly in the period; its count cannot be compared with the others."),
    "ZERO_BASE_AREAS": Text(sv="{n} område hade inga händelser i jämförelseperioden; kvoten saknas där.|"
                               "{n} områden hade inga händelser i jämförelseperioden; kvoten saknas där.",
                            en="{n} area had no incidents in the compared period; there is no ratio there.|"
                               "{n} areas had no incidents in the compared period; there is no ratio there."),
    "MANY_AREAS": Text(sv="{n} områden prövades utan korrigering; ungefär {expected} väntas sticka ut av ren slump.",
                       en="{n} areas were tested without correction; about {expected} are expected to stand out by chance."),
    "FEW_FOR_CHANGE": Text(sv="{n} område har färre än {least} händelser: där anges ingen förändring per år.|"
                              "{n} områden har färre än {least} händelser: där anges ingen förändring per år.",
                           en="{n} area has fewer than {least} incidents: no change a year is given there.|"
                              "{n} areas have fewer than {least} incidents: no change a year is given there."),
    "BY_LOT": Text(sv="Upp till {share} av den valda ytan fick väljas bland rutor som var lika i jämförelseperioden: den säger då lite.",
                   en="Up to {share} of the chosen ground had to be picked among cells that were equal in the compared period: it then tells little."),
    "BANDWIDTH_SMALL": Text(sv="Bandbredden {bandwidth} m är liten mot rutan {cell} m: ytan blir fläckig.",
                            en="The bandwidth {bandwidth} m is small against the cell {cell} m: the surface becomes spotty."),
})

REFUSALS: Mapping[str, Text] = MappingProxyType({
    "TOO_FEW": Text(sv="{n} händelser i urvalet. {method} kräver minst {least}; antalen visas i stället.",
                    en="{n} incidents in the selection. {method} needs at least {least}; the counts are shown instead."),
    "TOO_FEW_STEPS": Text(sv="Perioden räcker till {n} tidssteg. {method} kräver minst {least}; välj längre period eller kortare steg. "
                             "Antalen visas i stället.",
                          en="The period is enough for {n} steps of time. {method} needs at least {least}; choose a longer period or shorter steps. "
                             "The counts are shown instead."),
    "TOO_FEW_PER_STEP": Text(sv="Ett vanligt tidssteg har {n} händelser. {method} kräver minst {least} i varje; välj längre steg eller fler "
                                "brottstyper. Antalen visas i stället.",
                             en="A usual step of time has {n} incidents. {method} needs at least {least} in each; choose longer steps or more "
                                "offence types. The counts are shown instead."),
    "UNEVEN_EFFORT": Text(sv="Uppgifterna kommer från iakttagelser där någon har tittat, inte från ett register. Var man letade avgör "
                             "var något syns, så {method} räknas inte på dem.",
                          en="The data come from where somebody looked, not from a register. Where one looked decides what was seen, "
                             "so {method} is not computed on them."),
    "COARSE_PLACE": Text(sv="Ingen av de {n} händelserna har en plats som är noggrann nog för {method}. Antal per område visas på kartan.",
                         en="None of the {n} incidents has a place exact enough for {method}. Counts per area are shown on the map."),
    "NO_COMPARISON": Text(sv="Välj en jämförelseperiod: {method} jämför två perioder.",
                          en="Choose a period to compare with: {method} compares two periods."),
    "TOO_MANY_CELLS": Text(sv="{n} rutor är fler än vad som går att visa och läsa ({most}). Välj större rutor.",
                           en="{n} cells are more than can be shown and read ({most}). Choose larger cells."),
    "NO_MASK_KEY": Text(sv="{method} flyttar platser under kommunens hemliga nyckel, som bara finns i ett lager. Räkna ur lagret i stället för ur en fil.",
                        en="{method} moves places under the municipality's secret key, which only a store has. Compute from the store instead of from a file."),
    "WHOLE_MONTHS": Text(sv="{method} görs bara för hela månader: kortare perioder kan peka ut enskilda händelser.",
                         en="{method} is made for whole months only: shorter periods may point at single incidents."),
    "ALL_SMALL": Text(sv="Alla rutor har färre än fem händelser, så {method} kan inte säga något. Välj större rutor eller längre period.",
                      en="All cells have fewer than five incidents, so {method} cannot tell anything. Choose wider cells or a longer period."),
    "NO_SURVEY": Text(sv="Ingen trygghetsmätning för de här områdena och åren är inläst, så {method} har inget att visa. Antalen visas i stället.",
                      en="No safety survey for these areas and years has been imported, so {method} has nothing to show. The counts are shown instead."),
    "NO_LINES": Text(sv="Det finns inga gator inlästa i området, och {method} räknar händelser till närmaste gata.",
                     en="No streets have been imported in the area, and {method} counts incidents at the nearest street."),
    "NO_EXPECTED": Text(sv="Det finns inga uppgifter om {denominator} i området, så en jämförelse mot dem går inte att göra.",
                        en="There is nothing on {denominator} in the area, so a comparison with it cannot be made."),
    "POLICE_INITIATED": Text(sv="Mer närvaro hittar fler av {types}: de kan inte visa om en åtgärd med närvaro eller kameror hjälpte. Välj andra typer.",
                             en="More presence finds more of {types}: they cannot show whether a measure of presence or cameras helped. Choose other types."),
    "FEW_STEPS": Text(sv="{n} tidssteg {side} start; det krävs minst {least} på var sida för att skilja ett hopp från slump och årstid.",
                      en="{n} steps {side} the start; at least {least} on each side are needed to tell a jump from chance and season."),
    "WEIGHTED_P": Text(sv="En vägd summa är inte ett antal, så dess p kan inte räknas exakt. Välj omkastning som slag av p-värde för att använda {method} "
                          "på vägda "
                          "händelser. Antalen visas i stället.",
                       en="A weighted sum is not a count, so its p cannot be computed exactly. Choose permutation as the kind of p-value to use {method} on "
                          "weighted incidents. The counts are shown instead."),
    "WEIGHTED_COUNT": Text(sv="En vägd summa är inte ett antal: {method} räknas inte på viktade händelser.",
                           en="A weighted sum is not a count: {method} is not computed on weighted incidents."),
})


@dataclass(frozen=True)
class Caution:
    """One doubt that travels with a result. `values` fill the text of its code."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        if self.code not in CAUTIONS:
            raise KeyError(f"unknown caution {self.code}")

    @property
    def text(self) -> Text:
        return CAUTIONS[self.code].format(**self.values)


def caution(code: str, **values: object) -> Caution:
    return Caution(code, values)
