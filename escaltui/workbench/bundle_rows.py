"""The documents of a bundle, out of the rows of one case: what may be told, in plain JSON values, by file.

A row that fewer may see than its case is not in it, nor is what has not left the house: letters that were not sent,
statements not handed over. Of other cases there is a reference at most, and only where as many may see them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from escaltui.bundling.fields import FIELDS, row, told
from escaltui.bundling.redaction import INTERNAL, Known, Redactor
from escaltui.domain import letters, streams
from escaltui.domain.entities import Entity, Link
from escaltui.domain.statements import PUBLIC_BODIES, names_of
from escaltui.i18n import N_
from escaltui.store import policies
from escaltui.store.values import CaseRows, LoggedChange

if TYPE_CHECKING:
    from escaltui.policy.library import Section
    from escaltui.workbench.door import Workbench

FEWER, UNSENT, SEALED, NOT_CHOSEN, ABSENT, WORDS = (
    "fewer", "unsent", "sealed", "not chosen", "absent", "words",
)  # fmt: skip
LEFT_OUT = {
    FEWER: N_("seen by fewer people than the case, or privileged advice"),
    UNSENT: N_("letters and statements that had not left"),
    SEALED: N_("sealed files: that they are, no more"),
    NOT_CHOSEN: N_("files that were not chosen: their facts alone"),
    ABSENT: N_("files whose bytes could not be had: their facts alone"),
    WORDS: N_("cited sections whose words this device does not have"),
}
"""Why something is not in a bundle, beside the rules of redaction."""
_BATCH = 5_000
_OUTSIDE = frozenset({"sent", "received"})
_HANDED_OVER = frozenset({"exported", "sent", "refused"})
_INTERNAL = frozenset({"note", "consult", "task", "update"})


class Papers(NamedTuple):
    """A case with its log and the pinned words, as one person may see them."""

    rows: CaseRows
    log: Sequence[LoggedChange]
    sections: Sequence[Section]
    colleagues: dict[str, str]
    names: dict[str, str]
    wordless: int
    """How many sections were cited whose words are not here."""


def gather(bench: Workbench, case_id: str) -> Papers | None:
    """Read all of it; None where the case is not here."""
    rows = bench.store.bundle(case_id)
    if rows is None:
        return None
    log = list(_log(bench, case_id))
    outside, names = _colleagues(bench, log)
    sections, wordless = _sections(bench, rows)
    return Papers(rows, log, sections, outside, names, wordless)


def _log(bench: Workbench, case_id: str) -> Iterator[LoggedChange]:
    after = 0
    while batch := bench.store.changes(case_id=case_id, after_seq=after, limit=_BATCH):
        yield from batch
        after = batch[-1].seq


def _colleagues(bench: Workbench, log: Iterable[LoggedChange]) -> tuple[dict[str, str], dict[str, str]]:
    """How colleagues are called outside, by login and by name: their pseudonym, else a number, as they come up."""
    known = {each.login: each for each in bench.people()}
    logins = [each for each in dict.fromkeys((*(change.actor for change in log), bench.me, *known)) if each != "system"]
    outside = {login: (known[login].pseudonym if login in known else "") or f"colleague {n}"
               for n, login in enumerate(logins, 1)}  # fmt: skip
    named = {known[login].name: said for login, said in outside.items() if login in known and known[login].name}
    return outside, named | {login: said for login, said in outside.items() if len(login) > 3}


def _sections(bench: Workbench, rows: CaseRows) -> tuple[list[Section], int]:
    """The very words that were pinned or cited, and how many sections the library here has not, or not in them."""
    from escaltui.policy.library import PolicyError

    cited = [(cite.section, cite.version, cite.text_sha256)
             for decision in rows.decisions for each in decision.lines for cite in each.cites]  # fmt: skip
    pinned = [(key, pin.version, pin.text_sha256) for key, pin in rows.case.pins.items()]
    found, wanted = [], tuple(dict.fromkeys((*pinned, *cited)))
    for section, version, sha256 in wanted:
        try:
            text = bench.store.read(
                lambda connection, s=section, v=version: policies.section(connection, s, version=v or None)  # type: ignore[misc]
            )
        except PolicyError:
            continue
        if text.text_sha256 == sha256:
            found.append(text)
    return found, len(wanted) - len(found)


def known_of(papers: Papers) -> Known:
    """What redaction must know of the case's people."""
    rows = papers.rows
    asks = names_of(rows.case, rows.reports, ())
    requester = rows.requester
    body = rows.case.requester_kind in PUBLIC_BODIES
    public = {rows.case.requester_name.strip()} if body else set()
    if requester is not None and requester.kind in PUBLIC_BODIES:
        public |= {requester.name.strip(), *(each.strip() for each in requester.aliases)}
    elif requester is not None:
        asks = tuple(dict.fromkeys((*asks, requester.name, *requester.aliases)))
    authors = dict.fromkeys(each.author.strip() for each in rows.subjects if each.author.strip())
    urls = dict.fromkeys(each.url for each in rows.subjects if each.url)
    return Known(tuple(each for each in asks if each and each not in public), tuple(authors), tuple(urls),
                 papers.colleagues, papers.names, frozenset(public - {""}))  # fmt: skip


class Documents:
    """Makes the documents. `left_out` counts what is not in them, by why."""

    def __init__(self, papers: Papers, redactor: Redactor) -> None:
        self.rows, self.papers, self.redactor = papers.rows, papers, redactor
        self.left_out: Counter[str] = Counter()
        self._level = streams.level(papers.rows.case.stream)
        self._hidden = self._kept_back()
        self.left_out[UNSENT] += len(self._unsent())
        self.left_out[WORDS] += papers.wordless

    def _kept_back(self) -> frozenset[str]:
        """The ids of rows that are not told of."""
        fewer = {each.id for each in self._every() if streams.level(each.stream) > self._level}
        secret = {each.id for each in self.rows.consults if each.sensitivity == "privileged"}  # on any case
        fewer |= secret | {each.id for each in self.rows.messages if each.about in secret}
        self.left_out[FEWER] += len(fewer)
        return frozenset(fewer | self._unsent() | self._internal())

    def _every(self) -> Iterator[Entity]:
        rows = self.rows
        yield from (*rows.reports, *rows.subjects, *rows.notes, *rows.decisions, *rows.actions, *rows.consults,
                    *rows.messages, *rows.tasks, *rows.statements, *rows.updates)  # fmt: skip

    def _unsent(self) -> set[str]:
        said = {each.id for each in self.rows.messages
                if each.state not in _OUTSIDE and each.failure != letters.MAY_HAVE}  # fmt: skip
        return said | {each.id for each in self.rows.statements if each.state not in _HANDED_OVER}

    def _internal(self) -> set[str]:
        if INTERNAL not in self.redactor.rules:
            return set()
        found = {each.id for each in self._every() if each.NAME in _INTERNAL}
        return found | {each.id for each in self.rows.messages if each.purpose != "letter"}

    def told(self, entities: Iterable[Entity]) -> list[dict[str, Any]]:
        """Rows as they may be told."""
        return [self._clean(row(each)) for each in entities if each.id not in self._hidden]

    def _clean(self, value: Any) -> Any:
        return self.redactor.value(self.redactor.people(value))

    def case(self) -> dict[str, Any]:
        """The case, who asks, and the references of its neighbours that as many may see."""
        rows = self.rows
        asks = row(rows.requester) if rows.requester is not None else None
        if asks is not None:  # its name is one, whatever it looks like
            asks = {**self._clean({**asks, "name": ""}), "name": self.redactor.value(asks["name"], "requester_name")}
        absorbed = [each.ref for each in rows.absorbed if streams.level(each.stream) <= self._level]
        return {"case": self._clean(row(rows.case)), "requester": asks, "absorbed": absorbed}

    def links(self, refs: dict[str, str]) -> list[dict[str, str]]:
        """Its relations to other cases that are not seen by fewer. `refs`: by id."""
        seen = [each for each in self.rows.links if streams.level(each.stream) <= self._level]
        self.left_out[FEWER] += len(self.rows.links) - len(seen)
        return [{"kind": each.kind, "case": refs.get(self._other(each), "")} for each in seen]

    def _other(self, link: Link) -> str:
        return link.target if link.source == self.rows.case.id else link.source

    def internal(self) -> dict[str, list[dict[str, Any]]]:
        """Notes, questions, tasks, updates; nothing where a rule keeps them back."""
        rows = self.rows
        found = (("notes", rows.notes), ("consults", rows.consults), ("tasks", rows.tasks), ("updates", rows.updates))
        if INTERNAL in self.redactor.rules:
            self.redactor.places[INTERNAL] += len(self._internal())
        return {name: self.told(each) for name, each in found}

    def timeline(self) -> Iterator[dict[str, Any]]:
        """What happened, in order; of what is kept back only that something did, and when."""
        names = {each.id: each for each in self._every()}
        for each in self.papers.log:
            line = {"n": each.seq, "at": instant(each.at)}
            if streams.level(each.stream) > self._level:
                yield line | {"kept_back": FEWER}
                continue
            line |= {"who": self.redactor.person(each.actor), "verb": each.verb, "entity": each.entity,
                     "id": each.entity_id, "action": each.action}  # fmt: skip
            if each.entity_id in self._hidden or (each.entity in FIELDS and each.entity != "case"
                                                  and each.entity_id not in names):  # fmt: skip
                why = INTERNAL if each.entity in _INTERNAL and INTERNAL in self.redactor.rules else "kept back"
                yield line | {"kept_back": why}
                continue
            yield line | self._happened(each)

    def _happened(self, each: LoggedChange) -> dict[str, Any]:
        """What it changed and why. A row that came is told in its own file; who looked at what stays at the desk."""
        found: dict[str, Any] = {}
        if each.action != "created" and each.entity in FIELDS:
            fields = {name: {"was": was, "now": now} for name, (was, now) in each.fields.items()
                      if told(each.entity, name)}  # fmt: skip
            if fields:
                found["fields"] = {name: {what: self._value(name, value) for what, value in pair.items()}
                                   for name, pair in fields.items()}  # fmt: skip
        if each.reason and each.action != "accessed" and each.entity != "media":
            found["reason"] = self._clean(each.reason)
        return found

    def _value(self, field: str, value: Any) -> Any:
        name = field.partition(".")[0]
        return self.redactor.value(self.redactor.people(value, name), name)


def instant(at: int) -> str:
    """An instant as plain text, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
