"""Country names as letters and records write them, to ISO 3166-1 alpha-2."""

from __future__ import annotations

import re

_TABLE = """
AD Andorra;AE United Arab Emirates,UAE;AF Afghanistan;AL Albania;AM Armenia;AO Angola;AR Argentina;AT Austria,
Österreich,Autriche;AU Australia,Australie;AZ Azerbaijan;BA Bosnia and Herzegovina;BD Bangladesh;BE
Belgium,Belgique, België;BF Burkina Faso;BG Bulgaria;BH Bahrain;BI Burundi;BJ Benin;BN Brunei;BO Bolivia;BR
Brazil,Brasil,Brésil; BW Botswana;BY Belarus;CA Canada;CD Democratic Republic of the Congo;CG Congo;CH
Switzerland,Suisse,Schweiz; CI Côte d'Ivoire,Ivory Coast;CL Chile;CM Cameroon;CN China,People's Republic of
China,PRC,Chine;CO Colombia; CR Costa Rica;CU Cuba;CY Cyprus;CZ Czechia,Czech Republic;DE
Germany,Deutschland,Allemagne;DK Denmark; DO Dominican Republic;DZ Algeria,Algérie;EC Ecuador;EE Estonia;EG Egypt;ES
Spain,España,Espagne;ET Ethiopia; FI Finland;FJ Fiji;FR France;GA Gabon;GB United Kingdom,UK,Great
Britain,England,Scotland,Wales,Royaume-Uni; GE Georgia;GH Ghana;GN Guinea;GR Greece;GT Guatemala;HK Hong Kong;HN
Honduras;HR Croatia;HT Haiti;HU Hungary; ID Indonesia;IE Ireland,Irlande;IL Israel;IN India,Inde;IQ Iraq;IR Iran;IS
Iceland;IT Italy,Italia,Italie; JM Jamaica;JO Jordan;JP Japan,Japon;KE Kenya;KG Kyrgyzstan;KH Cambodia;KR South
Korea,Korea,Republic of Korea; KW Kuwait;KZ Kazakhstan;LA Laos;LB Lebanon,Liban;LK Sri Lanka;LT Lithuania;LU
Luxembourg;LV Latvia;LY Libya; MA Morocco,Maroc;MC Monaco;MD Moldova;ME Montenegro;MG Madagascar;MK North
Macedonia;ML Mali;MM Myanmar;MN Mongolia; MO Macau,Macao;MT Malta;MU Mauritius;MV Maldives;MX
Mexico,México,Mexique;MY Malaysia;MZ Mozambique;NA Namibia; NE Niger;NG Nigeria;NI Nicaragua;NL
Netherlands,Nederland,The Netherlands,Pays-Bas;NO Norway;NP Nepal; NZ New Zealand;OM Oman;PA Panama;PE Peru;PH
Philippines;PK Pakistan;PL Poland,Polska,Pologne;PS Palestine; PT Portugal;PY Paraguay;QA Qatar;RO Romania;RS
Serbia;RU Russia,Russian Federation,Россия,Russie;RW Rwanda; SA Saudi Arabia;SD Sudan;SE Sweden;SG Singapore;SI
Slovenia;SK Slovakia;SN Senegal,Sénégal;SO Somalia;SV El Salvador; SY Syria;TD Chad;TG Togo;TH Thailand;TJ
Tajikistan;TM Turkmenistan;TN Tunisia,Tunisie;TR Turkey,Türkiye,Turquie; TW Taiwan;TZ Tanzania;UA Ukraine;UG
Uganda;US United States,USA,United States of America,États-Unis;UY Uruguay; UZ Uzbekistan;VE Venezuela;VN
Vietnam,Viet Nam;XK Kosovo;YE Yemen;ZA South Africa;ZM Zambia;ZW Zimbabwe;EU European Union
"""

_CODES: dict[str, str] = {}
for _entry in " ".join(_TABLE.split()).split(";"):
    _code, _, _names = _entry.strip().partition(" ")
    _CODES[_code.casefold()] = _code
    _CODES.update({_name.strip().casefold(): _code for _name in _names.split(",")})

# The last part of an official host: `eais.rkn.gov.ru`, `interieur.gouv.fr`, `police.uk`.
_OFFICIAL = re.compile(
    r"(?<![\w.-])(?:[\w-]{1,63}\.){0,8}(?:gov|gouv|gob|gub|govt|go|gc|police|mil|admin)\.([a-z]{2})\b"
    r"|(?<![\w.-])(?:[\w-]{1,63}\.){1,8}(gov)\b(?!\.)",
    re.I,
)


def country_code(name: str) -> str:
    """The two-letter code of a country's name or code; "" where it is not known."""
    plain = " ".join(name.replace("’", "'").split()).casefold().strip(" .")
    return _CODES.get(plain, "GB" if plain in ("uk", "u.k") else "")


def official_country(text: str) -> str:
    """The country of the first official address or host in `text` (`…gov.ru`); "" where there is none."""
    for match in _OFFICIAL.finditer(text):
        code = "US" if match[2] else country_code(match[1])
        if code:
            return code
    return ""
