"""Composed cases: templates filled with seeded variation, one at a time, as many as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, NamedTuple

from escaltui.demo.history import OPEN, PLANS, history
from escaltui.demo.past import NOVELTY, ONE_IN, RISE, SPAN, Planted, Rhythm
from escaltui.demo.past import PLANS as PLANTED_PLANS
from escaltui.demo.people import PLATFORM, people
from escaltui.demo.shapes import DemoAttachment, DemoCase, DemoRequester, DemoStep, DemoSubject
from escaltui.demo.templates import MEDIA_TYPES, Asked, Scene, Speech, Template, load
from escaltui.demo.voice import Draw, letter, pick, requester

Slots = dict[str, Any]
Links = tuple[tuple[str, str], ...]
# Mean age in minutes of an open case, by severity: the graver, the fresher.
_OPEN_AGE = (25, 110, 600, 6000, 14_000)
_NEW_AGE = (3, 8, 35, 160, 2000)
"""Mean minutes since receipt by severity, of open and of untouched cases: a busy desk, most of it within its times."""
_WAITING_AGE = (60, 400, 9000, 20_000, 30_000)
"""Of those that wait for somebody: their times stand still meanwhile."""
_DAYS = 110
_REGULARS = (
    *("lucky.lane.deals", "truthbell_daily", "marta.moves", "old_quay_radio", "valmont_alerte", "dealbarn24"),
    *("northern.whisper", "sunny.giveaways", "kiosk.du.coin", "nightbus.clips", "hausmeister_k", "voz.del.rio"),
)
_HANDLES = ("garden", "clips", "daily", "corner", "loft", "market", "club", "notes", "studio", "kitchen", "rides")
_LINKS = ("related_to", "related_to", "follow_up_of", "duplicate_of")
_SINGLE = frozenset({"account", "page", "group", "shop", "ad_account", "hashtag", "event", "live", "url"})


class _Earlier(NamedTuple):
    """The last case of a type: what a later one may link to or repeat."""

    key: str
    template: Template
    scene: Scene
    subject: DemoSubject


class _Wanted(NamedTuple):
    """What is not left to chance about a case."""

    plan: str
    age: int
    planted: Planted | None = None


def composed(first: int, now: datetime, seed: int, fresh: int | None = None) -> Iterator[DemoCase]:
    """Endless composed cases numbered from `first`, dated relative to `now`; the same seed, the same cases.

    Drawn from one random stream: the first n cases do not depend on how many follow. From number `fresh` on they are
    what was planted in this week, and then the desk's past.
    """
    composer = _Composer(now, seed)
    week = [each for each in (RISE, NOVELTY) for _case in range(each.many)]
    for number in count(first):
        if fresh is None or number <= fresh:
            yield composer.case(number)
        elif number - fresh <= len(week):
            yield composer.case(number, composer.this_week(week[number - fresh - 1]))
        else:
            yield composer.case(number, composer.past())


def _staff(language: str) -> tuple[str, ...]:
    """Specialists who read the language; all of them where nobody does."""
    specialists = [p for p in people() if "specialist" in p.roles]
    return tuple(p.name for p in specialists if language in p.languages) or tuple(p.name for p in specialists)


class _Composer:
    """Holds the tables and, by type, the last case that a later one may link to."""

    def __init__(self, now: datetime, seed: int) -> None:
        random = Random(seed)
        self.draw: Draw = random.random
        self.spread = random.expovariate
        self.material = load()
        self.dates = tuple((now - timedelta(days=d)).date().isoformat() for d in range(_DAYS))
        self.year = now.year
        self.last: dict[str, _Earlier] = {}
        self.staff = {s.code: _staff(s.code) for s in self.material.speech}
        self.leads = tuple(p.name for p in people() if "lead" in p.roles)
        self.rhythm = Rhythm(now)

    def past(self) -> _Wanted:
        """A case that is over, of any of the weeks before this one, or of this one."""
        planted = RISE if self.draw() * ONE_IN < 1 else None
        return _Wanted("past", self.rhythm.age(self.draw()), planted)

    def this_week(self, planted: Planted) -> _Wanted:
        """One of those that trends are to find."""
        return _Wanted(pick(self.draw, PLANTED_PLANS), 45 + int(self.draw() * SPAN), planted)

    def case(self, number: int, wanted: _Wanted | None = None) -> DemoCase:
        draw, planted = self.draw, wanted.planted if wanted else None
        template = self._template(planted) if planted else pick(draw, self.material.templates)
        speech = self._of(planted.sender.country) if planted else self._speech(template)
        severity, plan = pick(draw, template.severities), wanted.plan if wanted else pick(draw, PLANS)
        asked = None if wanted else self._asked(template, speech)
        age = wanted.age if wanted else self._age(plan, severity, asked)
        country = planted.sender.country if planted else pick(draw, speech.countries)
        sender = planted.sender if planted else requester(draw, template, speech, country)
        words = getattr(asked, speech.code) if asked else ""
        links, repeated = ((), None) if wanted else self._links(template)
        scene = repeated.scene if repeated else pick(draw, template.scenes)
        if planted:
            scene = template.scenes[planted.scene]
        slots = self._slots(scene, speech, sender, age)
        subjects = self._subjects(number, template, scene, slots, repeated)
        key = f"case-{number:07d}"
        if not wanted:
            self.last[template.type] = _Earlier(key, template, scene, subjects[0])
        flag = pick(draw, template.flags)
        return DemoCase(
            key=key,
            type=template.type,
            channel=pick(draw, template.channels),
            kind=template.kind,
            title=pick(draw, template.titles).format_map(slots),
            summary=pick(draw, scene.summaries),
            body=letter(draw, template, speech, words, sender).format_map(slots),
            language=speech.code,
            product=template.product,
            severity=severity,
            requester=sender,
            received_minutes_ago=age,
            content_note=pick(draw, template.content_notes),
            countries=(country,),
            harm=template.harm,
            flags=(flag,) if flag else (),
            tags=(scene.tag,),
            subjects=subjects,
            asked_minutes=asked.hours * 60 - age if asked else None,
            asked_words=words,
            verified=self._verified(template, plan),
            steps=self._steps(template, speech, plan, severity, age, slots),
            links=links,
            attachments=() if wanted else self._attachments(template),
            brief=plan == "past",
        )

    def _of(self, country: str) -> Speech:
        return next(each for each in self.material.speech if country in each.countries)

    def _template(self, planted: Planted) -> Template:
        return next(each for each in self.material.templates if each.type == planted.type)

    def _speech(self, template: Template) -> Speech:
        """A language by its share; English where our own queue writes, or no letter of this group exists."""
        speech = pick(self.draw, self.material.speech)
        fits = not speech.letters or (template.group in speech.letters and template.requester != "internal")
        return speech if fits else self.material.speech[0]

    def _asked(self, template: Template, speech: Speech) -> Asked | None:
        if speech.letters or self.draw() * 100 >= template.share:
            return None  # the short letters of the other languages set no time
        return pick(self.draw, template.asked)

    def _age(self, plan: str, severity: int, asked: Asked | None) -> int:
        """Minutes since receipt. Where a time is asked, most open cases still have some of it left."""
        if plan not in OPEN:
            return self.rhythm.age(self.draw())
        means = {"new": _NEW_AGE, "waiting": _WAITING_AGE}.get(plan, _OPEN_AGE)
        age = 3 + int(self.spread(1 / means[severity]))
        return min(age, 3 + int(asked.hours * 80 * self.draw())) if asked else age

    def _links(self, template: Template) -> tuple[Links, _Earlier | None]:
        """A link to the last case of this type, now and then; and that case, if this one repeats it."""
        earlier = self.last.get(template.type)
        if earlier is None or self.draw() >= 0.08:
            return (), None
        kind = pick(self.draw, _LINKS)
        if kind != "duplicate_of":
            return ((kind, earlier.key),), None
        if earlier.template is not template:
            return (), None
        return ((kind, earlier.key),), earlier

    def _slots(self, scene: Scene, speech: Speech, sender: DemoRequester, age: int) -> Slots:
        """What the sentences name: the same words in title, letter and notes."""
        draw = self.draw
        if draw() < 0.12:
            author = pick(draw, _REGULARS)
        else:
            author = f"{pick(draw, speech.given).slug}.{pick(draw, _HANDLES)}{int(draw() * 90) + 10}"
        return {
            "name": sender.name,
            "org": sender.organisation or sender.name,
            "town": pick(draw, speech.towns),
            "item": scene.item,
            "Item": scene.item[0].upper() + scene.item[1:],
            "it": scene.fr if speech.code == "fr" else scene.en,
            "author": author,
            "date": self.dates[min(age // 1440 + int(draw() * 9), _DAYS - 1)],
            "ref": f"{int(draw() * 9000) + 1000}/{self.year}",
            "n": int(draw() * draw() * 60) + 2,
        }

    def _subjects(
        self, number: int, template: Template, scene: Scene, slots: Slots, repeated: _Earlier | None
    ) -> tuple[DemoSubject, ...]:
        """One to three items of one author; a duplicate is about the very item of the case that it repeats."""
        draw = self.draw
        if repeated:
            slots["url"], slots["author"] = repeated.subject.url, repeated.subject.author
            return (repeated.subject,)
        kind, author = pick(draw, template.item_types), slots["author"]
        more = 1 + int(draw() * 3) if kind not in _SINGLE and draw() < 0.3 else 1
        subjects = []
        for serial in range(300_000_000 + number * 8, 300_000_000 + number * 8 + more):
            url = f"https://{PLATFORM.host}/{kind}/{serial}"
            reach = int(10 ** (1 + 4.5 * draw() * draw()))
            subjects.append(DemoSubject(kind, str(serial), url, author, scene.text, reach))
        slots["url"] = subjects[0].url
        return tuple(subjects)

    def _steps(
        self, template: Template, speech: Speech, plan: str, severity: int, age: int, slots: Slots
    ) -> tuple[DemoStep, ...]:
        draw, group, notes = self.draw, template.group, self.material.notes
        who = pick(draw, self.staff[speech.code])
        kind, body = pick(draw, notes.bodies[group])
        note = {"kind": kind, "body": body.format_map(slots)}
        lead = pick(draw, self.leads) if template.authority else who
        triage = {"type": template.type, "severity": severity}
        return history(plan, age, draw, triage, note, who, lead, pick(draw, notes.waits[group]))

    def _verified(self, template: Template, plan: str) -> bool | None:
        """Only an authority's report is checked, and not before somebody has looked."""
        if not template.authority or plan in ("new", "past"):
            return None
        return pick(self.draw, (True, True, True, None, None, False))

    def _attachments(self, template: Template) -> tuple[DemoAttachment, ...]:
        draw = self.draw
        if draw() < 0.6:
            return ()
        name = pick(draw, self.material.notes.files[template.group])
        return (DemoAttachment(name, MEDIA_TYPES[name.rpartition(".")[2]], int(10 ** (3.5 + 3 * draw()))),)
