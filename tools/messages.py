"""Keeps the catalogues: finds every visible string, updates the .po files, compiles the .mo files.

The words of the French catalogue, always the same ones:
case dossier · claim prise en charge · give back rendre · note note · queue file · desk pôle · lead responsable ·
requester demandeur · report signalement · flag indicateur · internal flag signalement interne · tag étiquette ·
severity gravité · triage tri · item élément · policy règles · to cite citer · clock délai · deadline échéance ·
to snooze mettre en sommeil · to skip passer · to dismiss classer sans suite · to merge fusionner · to unmerge
défusionner · to split scinder · root cause cause racine · to recuse récuser · timeline historique · draft brouillon ·
store base · backup sauvegarde · rule file fichier de règles · view vue · settings réglages · notice notification ·
decision décision · outcome issue · action mesure · ground fondement · rationale motivation · to approve valider ·
to send back renvoyer · to withdraw retirer · to carry out exécuter · to let go abandonner, of kept data lever ·
review relecture · appeal recours · order injonction, of a court ordonnance · statement of reasons exposé des motifs ·
consult demande d'avis · advice avis simple · their yes avis conforme · privileged couvert par le secret ·
letter courrier · mail courriel · sign-off signature · template modèle · task tâche · checklist liste de contrôle ·
update point de situation · stakeholder partie prenante · on call d'astreinte · promise engagement · hold suspension ·
to preserve conserver · to disclose divulguer · geo-block blocage géographique · outbox suites à donner.
Labels and help lines are infinitives; sentences say vous. Type plain blanks: a run puts the no-break ones of French
before : ; ! ? and inside « ».

python tools/messages.py            extract, update, compile; lists what has no translation yet (exit code 1)
python tools/messages.py --check    writes nothing; exit code 1 where a run would change something
"""

from __future__ import annotations

import copy
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import sentences
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from escaltui import keys, rules_loader
from escaltui.wording import WORDS

PACKAGE = Path(__file__).resolve().parent.parent / "escaltui"
LOCALE = PACKAGE / "locale"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
LANGUAGES = ("fr",)


def found() -> Catalog:
    """Every visible string: calls in the code, templates, the key table, and the texts of the packaged rules."""
    catalogue = Catalog(project="escaltui", charset="utf-8", fuzzy=False)
    for name, _line, message, _comments, _context in extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords=KEYWORDS, strip_comment_tags=True
    ):
        if message:
            _same_number(catalogue, message)
            catalogue.add(message, locations=[(f"escaltui/{name}", 0)])
    for message, place in filter(lambda each: each[0], (*_of_templates(), *_of_keys(), *_of_rules())):
        catalogue.add(message, locations=[(place, 0)])
    return catalogue


def _same_number(catalogue: Catalog, message: str | tuple[str, ...]) -> None:
    """One sentence is asked for with a number or without it: a catalogue has one place for both. Raises SystemExit."""
    one = message if isinstance(message, str) else message[0]
    known = catalogue.get(one)
    if known is not None and isinstance(known.id, str) != isinstance(message, str):
        raise SystemExit(f"{one!r} is asked for with a number and without one: word one of them otherwise")


def _of_keys() -> Iterator[tuple[str, str]]:
    for action in keys.ACTIONS:
        yield action.label, "escaltui/keys.py"
        yield action.help, "escaltui/keys.py"


def _of_templates() -> Iterator[tuple[str, str]]:
    for file in sentences.files(PACKAGE):
        for found in sentences.templates(file):
            if found.text not in WORDS:  # a name of the code: told by its word
                yield found.text, f"escaltui/{file.relative_to(PACKAGE)}"


def _of_rules() -> Iterator[tuple[str, str]]:
    rules = rules_loader.load()
    for text in rules.words():
        if text not in WORDS:
            yield text, "escaltui/rules"
    for row in rules.statutory.values():
        yield row.doubt.replace("{", "{{").replace("}", "}}"), "escaltui/rules"


def updated(language: str, template: Catalog) -> Catalog:
    """The catalogue of one language with what is new and without what is gone."""
    file = po_file(language)
    catalogue = read_po(file.open("rb"), locale=language) if file.exists() else Catalog(locale=language)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.revision_date = catalogue.creation_date = catalogue.creation_date.replace(
        2026, 1, 1, hour=0, minute=0, second=0, microsecond=0
    )
    return catalogue


def po_file(language: str) -> Path:
    """Where a language's translations are."""
    return LOCALE / language / "LC_MESSAGES" / "escaltui.po"


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """The .po and the .mo of a catalogue, the same bytes for the same content."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, sort_output=True, width=110, omit_header=False, no_location=True)
    write_mo(mo, _set(catalogue))
    return po.getvalue(), mo.getvalue()


def _set(catalogue: Catalog) -> Catalog:
    """A catalogue as it is shown: with the no-break blanks of its language."""
    shown = copy.deepcopy(catalogue)
    for message in shown:
        if message.id and isinstance(message.string, str):
            message.string = no_break(message.string)
        elif message.id and message.string:
            message.string = tuple(map(no_break, message.string))
    return shown


def no_break(text: str) -> str:
    """French text whose punctuation never begins a line."""
    return re.sub(r"(?<=«) | (?=[:;!?»](?:\s|$))", "\u00a0", text)


def missing(catalogue: Catalog) -> list[str]:
    """What has no translation, only one of two forms, or one that is not sure and so is not shown."""
    bare = []
    for message in catalogue:
        texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and (message.fuzzy or not all(texts)):
            bare.append(message.id if isinstance(message.id, str) else message.id[0])
    return bare


def main() -> int:
    """Do it; 1 where something is missing or, with --check, out of date."""
    template, wrong = found(), 0
    for language in LANGUAGES:
        catalogue = updated(language, template)
        file = po_file(language)
        texts = dict(zip((file, file.with_suffix(".mo")), written(catalogue), strict=True))
        for each, text in texts.items():
            if "--check" in sys.argv and (not each.exists() or each.read_bytes() != text):
                print(f"{each} is out of date: run make messages")
                wrong = 1
            elif "--check" not in sys.argv:
                each.parent.mkdir(parents=True, exist_ok=True)
                each.write_bytes(text)
        for message in missing(catalogue):
            print(f"no {language} text: {message!r}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
