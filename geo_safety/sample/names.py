"""Names that are plainly made up, and words for streets. A test compares the names of places with the real ones."""
from __future__ import annotations

# First parts of street names, one list a quarter: Swedish towns name their quarters so.
THEMES: dict[str, tuple[str, ...]] = {
    "torg": ("Storgatan", "Rådhusgatan", "Bokhandlargatan", "Apoteksgatan", "Tullgatan", "Köpmangatan", "Smala gatan", "Breda gatan", "Teatergatan",
             "Biografgatan", "Posthusgatan", "Bangårdsgatan"),
    "hantverk": ("Garvaregatan", "Snickargatan", "Krukmakargatan", "Hattmakargatan", "Bagargatan", "Vävaregatan", "Smedjegatan", "Tunnbindargatan",
                 "Sadelmakargatan", "Klockmakargatan", "Bokbindargatan"),
    "musik": ("Fiolvägen", "Trumpetvägen", "Cellovägen", "Flöjtvägen", "Dragspelsvägen", "Notvägen", "Körvägen", "Valsvägen", "Polskavägen"),
    "fåglar": ("Koltrastvägen", "Bofinksvägen", "Talgoxevägen", "Gärdsmygsvägen", "Domherrevägen", "Svalvägen", "Staregatan", "Lärkvägen", "Tranvägen",
               "Ugglevägen", "Hackspettsvägen", "Siskvägen", "Steglitsvägen", "Rödhakevägen", "Ormvråksvägen"),
    "blommor": ("Blåklocksvägen", "Smörblommevägen", "Gullvivevägen", "Prästkragevägen", "Liljevägen", "Tulpanvägen", "Pionvägen", "Violvägen",
                "Nejlikevägen", "Vallmovägen", "Krokusvägen", "Sippvägen", "Malvavägen", "Kattfotsvägen"),
    "bär": ("Smultronvägen", "Hallonvägen", "Lingonvägen", "Odonvägen", "Krusbärsvägen", "Vinbärsvägen", "Björnbärsvägen", "Hjortronvägen", "Blåbärsvägen",
            "Åkerbärsvägen", "Rönnbärsvägen", "Nyponvägen", "Slånbärsvägen"),
    "himmel": ("Stjärnvägen", "Månskensvägen", "Kometvägen", "Solvägen", "Norrskensvägen", "Planetvägen", "Meteorvägen", "Regnbågsvägen", "Molnvägen",
               "Gryningsvägen", "Skymningsvägen", "Vintergatan", "Karlavagnsvägen", "Polstjärnevägen"),
    "vatten": ("Vassvägen", "Näckrosvägen", "Källvägen", "Bryggvägen", "Vikvägen", "Uddvägen", "Vågvägen", "Bäckvägen", "Dammvägen", "Forsvägen",
               "Strömvägen", "Holmvägen", "Sandrevelsvägen", "Kaveldunsvägen"),
    "verktyg": ("Hammargatan", "Sågvägen", "Filgatan", "Hyvelvägen", "Skruvgatan", "Borrvägen", "Mejselgatan", "Vinkelvägen", "Passargatan", "Tångvägen"),
    "spannmål": ("Rågvägen", "Havrevägen", "Kornvägen", "Vetevägen", "Halmvägen", "Axvägen", "Kärvevägen", "Logvägen", "Skördevägen", "Ladvägen",
                 "Stubbåkersvägen"),
    "bröd": ("Limpvägen", "Kringelvägen", "Bullvägen", "Skorpvägen", "Kavringsvägen", "Mjölvägen", "Degvägen", "Jästvägen"),
    "metall": ("Kopparvägen", "Mässingsvägen", "Tennvägen", "Järngatan", "Stålgatan", "Silvervägen", "Nickelvägen", "Bronsgatan", "Zinkvägen"),
    "träd": ("Björkvägen", "Aspvägen", "Lönnvägen", "Almvägen", "Rönnvägen", "Hasselvägen", "Lindvägen", "Bokvägen", "Granvägen", "Tallvägen", "Enevägen",
             "Sälgvägen", "Alvägen", "Häggvägen", "Ekvägen"),
    "sagor": ("Trollvägen", "Älvvägen", "Tomtevägen", "Drakvägen", "Skattkistevägen", "Trollspövägen", "Jättevägen", "Dvärgvägen", "Näckvägen",
              "Askungevägen", "Lyktvägen"),
    "spel": ("Schackvägen", "Dominovägen", "Tärningsvägen", "Löparvägen", "Tornvägen", "Springarvägen", "Pjäsvägen", "Brädvägen", "Kortvägen"),
    "båtar": ("Rodervägen", "Segelvägen", "Jollevägen", "Årvägen", "Kölvägen", "Ankarvägen", "Fockvägen", "Mastvägen", "Akterstigen", "Skotvägen",
              "Pollarvägen"),
    "lekar": ("Kurragömmavägen", "Hopprepsvägen", "Gungvägen", "Kulvägen", "Snurrevägen", "Drakflygarvägen", "Hagevägen", "Sandlådevägen", "Studsbollsvägen",
              "Bandyvägen"),
}

HAMLETS = ("Hittebo", "Sägneby", "Fabelhult", "Skrönarp", "Tänkebo", "Gissarp", "Diktemåla", "Låtsarp", "Drömhult", "Fantebo", "Rimarp", "Sägenäs",
           "Gåtebo", "Skämtebo", "Mytorp", "Ordby", "Nyttarp", "Pluringe", "Exempelås", "Ramsebo", "Skrocktorp", "Fablinge", "Lögnarby",
           "Spökeby", "Kanskemåla", "Nästanhult", "Typarp", "Mallby", "Utkastbo", "Skissarp", "Modellby", "Figurinäs", "Påhittsnäs", "Låtsashult",
           "Sagohult", "Provmåla")


def lane_of(street: str, number: int) -> str:
    """The name of a short street that leaves another: *Björkvägen* → *Björkgränd*, *Björkstigen* …"""
    ending = ("gränd", "stigen", "backen", "svängen")[number % 4]
    for last in ("vägen", "gatan", "stigen"):
        if street.endswith(last):
            stem = street[: -len(last)]
            return stem + ending
    return f"{street} {ending}"
