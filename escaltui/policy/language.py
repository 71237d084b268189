"""English or French, by stop words; and the stop words themselves, own short lists."""

from __future__ import annotations

from escaltui.policy.words import words

ENGLISH_STOP_WORDS = frozenset(
    word
    for line in (
        "a about after again all also am an and any are as at be because been before being between both but",
        "by can could did do does doing don for from further had has have having he her here hers him his how",
        "i if in into is it its itself just me more most my no nor not of off on once only or other our out",
        "over own please s same she should so some such t than that the their them then there these they this",
        "those through to too under until up us very was we were what when where which while who whom why",
        "will with would you your",
    )
    for word in line.split()
)
FRENCH_STOP_WORDS = frozenset(
    word
    for line in (
        "a afin ai ainsi alors apres au aucun aussi autre aux avant avec avoir ayant c car ce ceci cela celle",
        "celui ces cet cette ceux chaque chez ci comme comment contre d dans de des dont du elle elles en",
        "encore entre est et etaient etait etant ete etre eu eux faire fait font ici il ils j je l la le les",
        "leur leurs lors lorsque lui m ma mais me meme mes moi mon n ne ni non nos notre nous on ont ou par",
        "parce pas pendant peu peut peuvent plus pour pourquoi puis qu quand que quel quelle quelles quels",
        "qui quoi s sa sans se selon ses si soit son sont sous sur t ta tandis te tes toi ton tous tout toute",
        "toutes tres tu un une vers via vos votre vous y",
    )
    for word in line.split()
)
LETTER_WORDS = frozenset(
    word
    for line in (
        "one two three four five six seven eight nine ten first second third last next",
        "monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday day days week weeks month",
        "january february march april may june july august september october november december year years hour hours",
        "dear hello sir madam please thank thanks regards sincerely kind best yours faithfully team write writing",
        "see said say says get got make made take taken know new ask asks asked want need like still now here well",
        "case report reported reports request requests within without receipt confirm answer reply expect forward look",
        "attach attached attachment act",
        "deux trois quatre cinq six sept huit neuf dix premier premiere second seconde dernier derniere",
        "lundi mardi mercredi jeudi vendredi samedi dimanche hier demain aujourd hui jour jours semaine mois an ans",
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre annee heure heures",
        "bonjour bonsoir madame monsieur mesdames messieurs cher chere merci cordialement salutations veuillez agreer",
        "voir dit dire prie prions demande demander demandons signale signaler signalement reponse repondre retour",
        "attente joint joints indique indiquez",
    )
    for word in line.split()
)
"""What any letter has, English and French: numbers, days, courtesies. A search takes them as they are typed; as topics
they say nothing."""
_ONLY_ENGLISH = ENGLISH_STOP_WORDS - FRENCH_STOP_WORDS
_ONLY_FRENCH = FRENCH_STOP_WORDS - ENGLISH_STOP_WORDS
_SAMPLE_WORDS = 4000


def language_of(text: str, *, default: str = "") -> str:
    """ "en" or "fr" by which stop words are more, or `default` where neither leads (a bare word, another language)."""
    sample = words(text[: _SAMPLE_WORDS * 8])[:_SAMPLE_WORDS]
    english = sum(word in _ONLY_ENGLISH for word in sample)
    french = sum(word in _ONLY_FRENCH for word in sample)
    if english == french:
        return default
    return "en" if english > french else "fr"
