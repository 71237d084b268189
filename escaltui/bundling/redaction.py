"""What is kept back of a case that leaves the house, by rule: each place gets a mark, and is counted.

Values go in as plain JSON values and come out so. Names and addresses that are known are looked for by themselves, what
has the form of one by `domain.personal_data`: rather too much than too little. Pinned policy text is nobody's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from escaltui.domain import ids, personal_data
from escaltui.i18n import N_

CONTACTS, REQUESTER, ACCOUNTS, COLLEAGUES, INTERNAL = RULES = (
    "contacts", "requester", "accounts", "colleagues", "internal",
)  # fmt: skip
SAYS: Mapping[str, str] = {
    CONTACTS: N_("e-mail addresses, telephone numbers and other ways to reach somebody"),
    REQUESTER: N_("the names of who asks, for whom, and who appeals; public bodies are named"),
    ACCOUNTS: N_("account names, profiles, and addresses of items"),
    COLLEAGUES: N_("the logins and names of colleagues: a pseudonym or a number stands for each"),
    INTERNAL: N_("notes, questions to teams and their answers, tasks, updates"),
}
"""What each rule keeps back."""
_KEYS: Mapping[str, str] = {
    "address": CONTACTS, "contact_points": CONTACTS, "contact_used": CONTACTS, "requester_name": REQUESTER,
    "on_behalf_of": REQUESTER, "appellant": REQUESTER, "aliases": REQUESTER, "author": ACCOUNTS, "url": ACCOUNTS,
}  # fmt: skip
"""Fields whose whole value a rule keeps back, whatever it looks like."""
ACCOUNT_ITEMS = frozenset({"account", "page", "group", "shop", "ad_account"})
"""Items whose id is an account's name."""
_PINNED = frozenset({"section", "version", "text_sha256"})
"""Fields that name words of a policy: digits there are no telephone number."""
_NAME = re.compile(r"[\w.:/#-]{1,160}")
_HASH = re.compile(r"[0-9a-f]{64}")
PEOPLE = frozenset(
    {"created_by", "owner", "proposed_by", "answered_by", "assignee", "actor", "person", "by", "who", "checked_by"}
)
"""Fields that hold a colleague's login."""
_NO_PERSON = frozenset({"system", "person", "machine"})
"""What stands there besides: by whom a translation was made."""
_OF_FORM = {"email": CONTACTS, "phone": CONTACTS, "handle": ACCOUNTS, "profile": ACCOUNTS}


def mark(rule: str) -> str:
    """What stands where something is kept back."""
    return f"[redacted: {rule}]"


class Known(NamedTuple):
    """What is known of a case's people: names that a rule keeps back, words likewise, colleagues by login and name with
    what stands for them, and names of public bodies, which stay."""

    requesters: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    colleagues: Mapping[str, str] = {}
    names: Mapping[str, str] = {}
    public: frozenset[str] = frozenset()


class Redactor:
    """Keeps back what some rules say; `places` counts how often each did."""

    def __init__(self, rules: Iterable[str], known: Known) -> None:
        self.rules, self.known = frozenset(rules), known
        self.places: Counter[str] = Counter()
        self._texts: dict[str, tuple[str, Counter[str]]] = {}
        by_rule = ((REQUESTER, known.requesters), (ACCOUNTS, known.authors), (COLLEAGUES, tuple(known.names)))
        self._names = tuple(name for rule, names in by_rule if rule in self.rules for name in names)

    def value(self, value: Any, key: str = "", item_type: str = "") -> Any:
        """A value with what is kept back marked. `key`: the field that it is of; `item_type`: its item's kind."""
        if isinstance(value, str):
            return self._text(value, key, item_type)
        if isinstance(value, Mapping):
            kind = str(value.get("item_type", "")) or item_type
            whole = key in _KEYS and _KEYS[key] in self.rules and bool(value)
            if whole:
                return self._marked(_KEYS[key])
            return {self._text(str(name), ""): self.value(each, str(name), kind) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each, key, item_type) for each in value]
        return value

    def person(self, login: str) -> str:
        """How a colleague is called."""
        if COLLEAGUES not in self.rules or not login or login == "system":
            return login
        self.places[COLLEAGUES] += 1
        return self.known.colleagues.get(login, mark(COLLEAGUES))

    def people(self, value: Any, key: str = "") -> Any:
        """A value in which colleagues are called as they are called outside, wherever a field holds a login."""
        if isinstance(value, str):
            return self.person(value) if key in PEOPLE and value not in _NO_PERSON else value
        if isinstance(value, Mapping):
            return {name: self.people(each, "by" if key == "signed" else name) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.people(each, key) for each in value]
        return value

    def _marked(self, rule: str) -> str:
        self.places[rule] += 1
        return mark(rule)

    def _text(self, text: str, key: str, item_type: str = "") -> str:
        if not text or ids.is_id(text) or _HASH.fullmatch(text) or (key in _PINNED and _NAME.fullmatch(text)):
            return text
        rule = ACCOUNTS if key == "item_id" and item_type in ACCOUNT_ITEMS else _KEYS.get(key, "")
        if rule in self.rules and text.strip() not in self.known.public:
            return self._marked(rule)
        if text not in self._texts:
            self._texts[text] = self._redacted(text)
        found, places = self._texts[text]
        self.places.update(places)
        return found

    def _redacted(self, text: str) -> tuple[str, Counter[str]]:
        """A text with marks, and how many of each rule."""
        instead = self._instead(text)
        places: Counter[str] = Counter()
        if not instead:
            return text, places

        def put(match: re.Match[str]) -> str:
            rule, said = instead[match[0]]
            places[rule] += 1
            return said

        longest = sorted(instead, key=lambda each: (-len(each), each))
        return re.sub("|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in longest), put, text), places

    def _instead(self, text: str) -> dict[str, tuple[str, str]]:
        """What in a text is kept back: by which rule, and what stands in its place."""
        found: dict[str, tuple[str, str]] = {}
        for each in personal_data.find(text, self._names):
            rule = _OF_FORM.get(each.kind, "")
            found[each.words] = (rule, mark(rule)) if rule else self._whose(each.words)
        found |= {each: (ACCOUNTS, mark(ACCOUNTS)) for each in self.known.words if each in text}
        return {words: (rule, said) for words, (rule, said) in found.items() if rule in self.rules and words}

    def _whose(self, words: str) -> tuple[str, str]:
        """The rule that keeps a name back, as it stood in a text, and what stands in its place."""
        for rule, names in ((REQUESTER, self.known.requesters), (ACCOUNTS, self.known.authors)):
            if rule in self.rules and _is_name(words, names):
                return rule, mark(rule)
        said = next((said for name, said in self.known.names.items() if _is_name(words, (name,))), mark(COLLEAGUES))
        return COLLEAGUES, said


def _is_name(words: str, names: Iterable[str]) -> bool:
    return any(each.kind == "name" for each in personal_data.find(words, names))
