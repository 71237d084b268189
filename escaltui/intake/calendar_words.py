"""Names of months, weekdays, numbers and zones as letters write them, English and French first."""

from __future__ import annotations

MONTHS: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janv fevrier mars avr mai juin juil aout sept oct nov decembre",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
):
    MONTHS.update({name: place for place, name in enumerate(_names.split(), 1)})

WEEKDAYS: dict[str, int] = {}
for _names in (
    "monday tuesday wednesday thursday friday saturday sunday",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "montag dienstag mittwoch donnerstag freitag samstag sonntag",
):
    WEEKDAYS.update({name: place for place, name in enumerate(_names.split())})

_ENGLISH = "one two three four five six seven eight nine ten eleven twelve"
_FRENCH = "un deux trois quatre cinq six sept huit neuf dix onze douze"
_NUMBERS = {
    **dict(zip(_ENGLISH.split(), range(1, 13), strict=True)),
    **dict(zip(_FRENCH.split(), range(1, 13), strict=True)),
    "an": 1,
    "a": 1,
    "une": 1,
    "fourteen": 14,
    "fifteen": 15,
    "quinze": 15,
    "twenty-four": 24,
    "thirty": 30,
    "vingt-quatre": 24,
    "trente": 30,
    "thirty-six": 36,
    "forty-eight": 48,
    "quarante-huit": 48,
    "seventy-two": 72,
    "soixante-douze": 72,
    "sixty": 60,
    "ninety": 90,
}
# The longest first, so that an alternation of them takes the whole word.
NUMBERS: dict[str, int] = dict(sorted(_NUMBERS.items(), key=lambda pair: -len(pair[0])))

# Hours east of UTC. Where a name means several zones, the one letters mean most; summer names are their own.
ZONES: dict[str, float] = {
    "UTC": 0,
    "GMT": 0,
    "Z": 0,
    "WET": 0,
    "BST": 1,
    "WEST": 1,
    "CET": 1,
    "CEST": 2,
    "EET": 2,
    "EEST": 3,
    "MSK": 3,
    "TRT": 3,
    "IST": 5.5,
    "SGT": 8,
    "HKT": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "BRT": -3,
    "EDT": -4,
    "EST": -5,
    "ET": -4,
    "CDT": -5,
    "CST": -6,
    "MDT": -6,
    "MST": -7,
    "PDT": -7,
    "PST": -8,
    "PT": -7,
}
