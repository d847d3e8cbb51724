"""The words of the method sheet."""
from __future__ import annotations

from ..text import Text

SHEET = Text(sv="Metodblad", en="Method sheet")
YES, NO = Text(sv="ja", en="yes"), Text(sv="nej", en="no")
REAL = Text(sv="verkliga uppgifter", en="real data")
NONE_KNOWN = Text(sv="okända", en="not known")
DEFAULT_TYPES = Text(sv="brott på allmän plats som anmälts av allmänheten (förval)", en="offences in public places, reported by the public (default)")

TITLES = {
    "shows": Text(sv="Vad lagret visar", en="What the layer shows"),
    "does_not_show": Text(sv="Vad det inte visar", en="What it does not show"),
    "made_up": Text(sv="Verkligt eller påhittat", en="Real or made up"),
    "municipality": Text(sv="Kommun", en="Municipality"),
    "coverage": Text(sv="Täckning", en="Coverage"),
    "method": Text(sv="Metod", en="Method"),
    "method_version": Text(sv="Metodens version", en="Version of the method"),
    "method_note": Text(sv="Så är det räknat", en="How it is computed"),
    "parameter": Text(sv="Inställning: {name}", en="Setting: {name}"),
    "seed": Text(sv="Slumpfrö", en="Random seed"),
    "references": Text(sv="Litteratur", en="References"),
    "period": Text(sv="Period", en="Period"),
    "compare_with": Text(sv="Jämförs med", en="Compared with"),
    "areas": Text(sv="Områden", en="Areas"),
    "types": Text(sv="Brottstyper", en="Offence types"),
    "rows": Text(sv="Rader", en="Rows"),
    "without_place": Text(sv="varav utan plats", en="of which without a place"),
    "cautions": Text(sv="Att tänka på", en="To bear in mind"),
    "sources": Text(sv="Källor", en="Sources"),
    "newest": Text(sv="Nyaste uppgift", en="Newest record"),
    "crs": Text(sv="Koordinatsystem", en="Coordinate system"),
    "time_zone": Text(sv="Tidszon", en="Time zone"),
    "share_level": Text(sv="Delas på nivå", en="Shared at level"),
    "info_class": Text(sv="Högsta informationsklass", en="Highest information class"),
    "computed_at": Text(sv="Beräknat", en="Computed"),
    "made_at": Text(sv="Filen gjord", en="File made"),
    "purpose": Text(sv="Ändamål", en="Purpose"),
    "batches": Text(sv="Inläsningar", en="Imports"),
    "revision": Text(sv="Lagrets revision", en="Revision of the store"),
    "code_version": Text(sv="Programversion", en="Version of the program"),
    "columns": Text(sv="Kolumner", en="Columns"),
    "column": Text(sv="Kolumn", en="Column"),
    "title": Text(sv="Namn", en="Title"),
    "unit": Text(sv="Enhet", en="Unit"),
    "kind": Text(sv="Slag", en="Kind"),
    "codes": Text(sv="Koder", en="Codes"),
    "help": Text(sv="Förklaring", en="Explanation"),
    "layer": Text(sv="Lager", en="Layer"),
    "key": Text(sv="Nyckel", en="Key"),
    "said": Text(sv="Uppgift", en="Value"),
}

COVERAGE = {"register": Text(sv="register: det som har anmälts och skrivits in", en="register: what was reported and recorded"),
            "effort": Text(sv="där någon har tittat: var man letade avgör vad som syns", en="where somebody looked: where one looked decides what is seen")}
CLASSES = {0: Text(sv="0, öppen", en="0, open"), 1: Text(sv="1, intern", en="1, internal"),
           2: Text(sv="2, sekretess hos kommunen", en="2, secret at the municipality"), 3: Text(sv="3, sekretess hos polisen", en="3, secret at the police")}

SHOWS = {
    "incidents": Text(sv="Anmälda händelser i urvalet, en rad per händelse eller brott, med tid och plats så noga som de är kända.",
                      en="Reported incidents of the selection, one row per incident or offence, with time and place as exactly as they are known."),
    "area_counts": Text(sv="Antal anmälda händelser per område, och tal per 100 000 invånare och år med 95 % konfidensintervall.",
                        en="Number of reported incidents per area, and rates per 100,000 residents a year with 95% confidence intervals."),
    "walk_findings": Text(sv="Vad deltagare lade märke till på trygghetsvandringar, med plats, kategori och upplevelse.",
                          en="What participants noticed on safety walks, with place, category and experience."),
    "safety_walks": Text(sv="Trygghetsvandringarnas stråk och datum.", en="Routes and dates of the safety walks."),
    "measures": Text(sv="Åtgärder i den fysiska miljön, från förslag till utvärdering.",
                     en="Measures in the physical environment, from proposal to evaluation."),
    "areas": Text(sv="Indelningar i områden, med invånare där de är kända.", en="Divisions into areas, with residents where they are known."),
}
DOES_NOT = {
    "incidents": Text(sv="Inte brott som ingen anmält. Inte vem som gjort vad. En plats som bara är känd till område är inte en punkt på kartan.",
                      en="Not crime that nobody reported. Not who did what. A place known only by area is not a point on the map."),
    "area_counts": Text(sv="Inte hur farligt ett område är: där många vistas händer mer. Säger inget om dem som bor där. Områden ska inte rangordnas "
                           "utan sina intervall.",
                        en="Not how dangerous an area is: more happens where more people are. Says nothing about those who live there. Areas must "
                           "not be ranked without their intervals."),
    "walk_findings": Text(sv="Inte hur vanligt något är: där ingen gick vet man inget. Antal går inte att jämföra mellan platser.",
                          en="Not how common something is: where nobody walked nothing is known. Counts cannot be compared between places."),
    "safety_walks": Text(sv="Inte var det är otryggt: gator utan vandring är inte besökta, inte trygga.",
                         en="Not where it is unsafe: streets without a walk were not visited, which does not make them safe."),
    "measures": Text(sv="Inte om åtgärden hade effekt; det visar en utvärdering med kontrollområde.",
                     en="Not whether the measure had an effect; an evaluation with a control area shows that."),
}
DOES_NOT_AT_ALL = Text(sv="Inget om orsaker, och inget om enskilda personer.", en="Nothing about causes, and nothing about single persons.")

FACTS = {
    "n": Text(sv="Antal händelser", en="Number of incidents"), "cells": Text(sv="Antal rutor", en="Number of cells"),
    "cells_tested": Text(sv="Antal prövade rutor", en="Number of cells tested"), "tested": Text(sv="Antal prövade rutor", en="Number of cells tested"),
    "cell_size_m": Text(sv="Rutans storlek, m", en="Cell size, m"), "bandwidth_m": Text(sv="Bandbredd, m", en="Bandwidth, m"),
    "denominator": Text(sv="Nämnare", en="Denominator"), "expected": Text(sv="Väntat antal efter", en="Expected count by"),
    "correction": Text(sv="Korrigering för många test", en="Correction for many tests"), "p": Text(sv="Slags p-värde", en="Kind of p value"),
    "neighbours": Text(sv="Grannskap", en="Neighbourhood"), "kernel": Text(sv="Kärna", en="Kernel"), "edge": Text(sv="Kantkorrigering", en="Edge correction"),
    "n_perm": Text(sv="Antal omkastningar", en="Number of permutations"), "division": Text(sv="Indelning", en="Division"),
    "left_out": Text(sv="Händelser som inte kan läggas i något område", en="Incidents that cannot be put in an area"),
    "years": Text(sv="Periodens längd, år", en="Length of the period, years"), "per": Text(sv="Tal per antal invånare", en="Rate per so many residents"),
    "confidence": Text(sv="Konfidensgrad", en="Confidence level"), "seconds": Text(sv="Räknetid, s", en="Computing time, s"),
    "kind": Text(sv="Rutnät", en="Grid"), "unit": Text(sv="Enhet", en="Unit"), "n_before": Text(sv="Antal händelser före", en="Number of incidents before"),
    "left_out_incidents": Text(sv="Händelser i rutor som inte är med", en="Incidents in cells that are left out"),
    "left_out_share_area": Text(sv="Del av ytan som inte är med", en="Share of the area that is left out"),
    "bandwidth_rule": Text(sv="Bandbredden vald av", en="Bandwidth chosen by"),
    "bandwidth_ppl_m": Text(sv="Bandbredd enligt korsvalidering, m", en="Bandwidth by cross-validation, m"),
    "bandwidth_nrd_m": Text(sv="Bandbredd enligt normalregeln, m", en="Bandwidth by the normal reference rule, m"),
    "method": Text(sv="Räknesätt", en="Way of computing"), "cells_near_border": Text(sv="Rutor nära gränsen", en="Cells near the border"),
    "least_inside": Text(sv="Minsta del av kärnan inom området", en="Least part of the kernel inside the area"),
    "cells_with_fewer_neighbours": Text(sv="Rutor med färre grannar", en="Cells with fewer neighbours"),
    "cells_without_expected": Text(sv="Rutor där inget väntas", en="Cells where nothing is expected"),
    "circles": Text(sv="Antal cirklar", en="Number of circles"), "clusters": Text(sv="Cirklar som sticker ut", en="Circles that stand out"),
    "most_share": Text(sv="Största andel i en cirkel", en="Greatest share in a circle"),
    "most_radius_m": Text(sv="Största radie, m", en="Greatest radius, m"),
    "cases_without_expected": Text(sv="Händelser i rutor där inget väntas", en="Incidents in cells where nothing is expected"),
    "steps": Text(sv="Hela tidssteg", en="Whole steps of time"), "recent_steps": Text(sv="Varav sena steg", en="Of which recent steps"),
    "step": Text(sv="Tidssteg", en="Step of time"), "first_step": Text(sv="Första steget börjar", en="The first step begins"),
    "end": Text(sv="Dagen efter det sista steget", en="The day after the last step"),
    "outside_steps": Text(sv="Händelser utanför stegen", en="Incidents outside the steps"),
    "least_in_a_step": Text(sv="Minsta antal händelser i ett steg", en="Fewest incidents in a step"),
    "level": Text(sv="Gräns för korrigerat p", en="Bound of the corrected p"), "stand_out": Text(sv="Rutor som sticker ut", en="Cells that stand out"),
    "masked": Text(sv="Rutor där nästan inget att jämföra med finns", en="Cells where there is next to nothing to compare with"),
    "without_neighbours": Text(sv="Rutor utan grannar", en="Cells without neighbours"),
    "hot": Text(sv="Rutor med anhopning", en="Cells with a cluster of high counts"), "compared": Text(sv="Jämförda rutor", en="Cells compared"),
    "increase": Text(sv="Rutor med säker ökning", en="Cells with a sure increase"),
    "decrease": Text(sv="Rutor med säker minskning", en="Cells with a sure decrease"),
    "days": Text(sv="Dagar", en="Days"), "days_before": Text(sv="Dagar i jämförelseperioden", en="Days in the compared period"),
}
WORDS = {
    "residents": Text(sv="invånare", en="residents"), "addresses": Text(sv="adresser", en="addresses"),
    "street_m": Text(sv="meter gata", en="metres of street"), "none": Text(sv="ingen", en="none"),
    "fdr": Text(sv="Benjamini–Hochberg (FDR)", en="Benjamini–Hochberg (FDR)"), "exact": Text(sv="exakt", en="exact"),
    "square": Text(sv="kvadrater", en="squares"), "hexagon": Text(sv="sexhörningar", en="hexagons"),
    "auto": Text(sv="valt av programmet", en="chosen by the program"),
    "touching": Text(sv="rutor som nuddar", en="cells that touch"), "binomial": Text(sv="exakt, binomialt", en="exact, binomial"),
    "permutation": Text(sv="omkastning", en="permutation"), "normal": Text(sv="normalfördelning", en="normal distribution"),
    "two_cells": Text(sv="minst två rutor", en="at least two cells"), "ppl": Text(sv="korsvaliderad likelihood", en="cross-validated likelihood"),
    "nrd": Text(sv="normalregeln", en="normal reference rule"), "given": Text(sv="användaren", en="the user"),
    "fft": Text(sv="snabb Fouriertransform", en="fast Fourier transform"), "per_km2": Text(sv="per km²", en="per km²"),
    "all_time": Text(sv="hela tiden", en="all time"), "whole": Text(sv="hela kommunen", en="the whole municipality"),
    "drawn": Text(sv="ett ritat område med {n} hörn", en="a drawn area with {n} corners"),
}
