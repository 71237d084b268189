"""Drafting statements of reasons out of a decision: one for each subject that an action of an EU kind met.

Pure: what is needed comes in as a `Matter`, fields go out. What people must look at again is told by
`statement_rules.problems` and `personal_data.find`, never mended silently: a text that is too long stays whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from escaltui.domain.decisions import EU_KINDS, Action, Decision, Line, effective_lines
from escaltui.domain.entities import Case, Report, Subject
from escaltui.domain.personal_data import Found, find
from escaltui.domain.sentences import Said, said
from escaltui.domain.statement_rules import Fields, Schema, Value

PUBLIC_BODIES = frozenset({"government", "law_enforcement", "court", "regulator", "trusted_flagger", "ngo"})
"""Requesters that are no persons: their names may be told."""
CONTENT = {
    "post": "CONTENT_TYPE_TEXT", "comment": "CONTENT_TYPE_TEXT", "message": "CONTENT_TYPE_TEXT",
    "hashtag": "CONTENT_TYPE_TEXT", "listing": "CONTENT_TYPE_PRODUCT", "product": "CONTENT_TYPE_PRODUCT",
    "live": "CONTENT_TYPE_VIDEO",
}  # fmt: skip
OTHER = {
    "en": {"url": "web address", "ad_account": "ad account", "ad": "advertisement"},
    "fr": {
        "account": "compte", "page": "page", "group": "groupe", "url": "adresse web", "story": "story",
        "event": "événement", "ad_account": "compte publicitaire", "shop": "boutique", "ad": "publicité",
    },
}  # fmt: skip
"""What the item types are that have no content type of their own; in English mostly their own names."""
BY_TYPE = {
    "ip_copyright": ("INTELLECTUAL_PROPERTY_INFRINGEMENTS", ("KEYWORD_COPYRIGHT_INFRINGEMENT",)),
    "ip_trademark": ("INTELLECTUAL_PROPERTY_INFRINGEMENTS", ("KEYWORD_TRADEMARK_INFRINGEMENT",)),
    "ip_counterfeit": ("INTELLECTUAL_PROPERTY_INFRINGEMENTS", ()),
}
"""The category, and its specification, of cases whose type tells what is wrong, where nobody has named the harm."""
TRADERS = frozenset({"shop", "listing", "product", "ad", "ad_account"})
RESTS_ON = {"en": "Rests on: {headings}.", "fr": "Fondé sur : {headings}."}
FREE = (
    "decision_facts", "illegal_content_legal_ground", "illegal_content_explanation", "incompatible_content_ground",
    "incompatible_content_explanation", "decision_visibility_other", "decision_monetary_other", "content_type_other",
    "category_specification_other", "source_identity",
)  # fmt: skip
"""The fields that people write, so that personal data is looked for in them."""
_GONE = frozenset({"waived", "cancelled", "failed"})
_END = {"visibility": "visibility", "monetary": "monetary", "provision": "service", "account": "account"}


class Matter(NamedTuple):
    """What statements are drafted from. `headings` and `urls`: of cited sections, by id, as they were cited."""

    case: Case
    decision: Decision
    subjects: Sequence[Subject]
    actions: Sequence[Action]
    reports: Sequence[Report]
    schema: Schema
    language: str = "en"
    headings: Mapping[str, str] = {}
    urls: Mapping[str, str] = {}


class Drafted(NamedTuple):
    """A statement drafted for a subject; or, where there is none to be made, no fields and `why`."""

    subject: str
    fields: dict[str, Value]
    why: Said | None = None


def draft(matter: Matter) -> tuple[Drafted, ...]:
    """A statement for each subject in order, or why it has none."""
    decision = matter.decision
    lines = effective_lines(decision.lines, decision.subjects or [subject.id for subject in matter.subjects])
    return tuple(_draft(matter, subject, lines.get(subject.id)) for subject in matter.subjects)


def _draft(matter: Matter, subject: Subject, line: Line | None) -> Drafted:
    met = [action for action in matter.actions if _counts(action, matter.decision, subject)]
    if line is None or not met:
        return Drafted(subject.id, {}, said("nothing was done to it that the database asks about"))
    scope = territory(line, met, matter.schema)
    if not scope:
        return Drafted(subject.id, {}, said("it was restricted outside the EU and the EEA alone"))
    fields: dict[str, Value] = {
        **_decided(met), **_grounds(matter, line), **_content(matter, subject), "territorial_scope": scope,
        **_circumstances(matter, subject, met),
    }  # fmt: skip
    in_order = {name: fields[name] for name in matter.schema.field if fields.get(name)}
    return Drafted(subject.id, in_order)


def _counts(action: Action, decision: Decision, subject: Subject) -> bool:
    mine = action.decision == decision.id and action.subject == subject.id
    return mine and action.kind in EU_KINDS and action.state not in _GONE


def territory(line: Line, actions: Iterable[Action], schema: Schema) -> tuple[str, ...]:
    """The EU and EEA countries where a subject is restricted: all of them unless every action is a geo-block."""
    every = schema.values("territorial_scope")
    places = [action.territory or line.territory for action in actions]
    if not all(places):
        return every
    blocked = {code.upper() for place in places for code in place}
    return tuple(code for code in every if code in blocked)


def _decided(actions: Sequence[Action]) -> dict[str, Value]:
    """What was done, and until when. Where the schema takes one value of a group, the gravest is told."""
    fields: dict[str, Value] = {}
    for group, end in _END.items():
        done = [action for action in actions if action.kind.startswith(f"{group}_")]
        if not done:
            continue
        codes = sorted({f"DECISION_{action.kind.upper()}" for action in done})
        fields[f"decision_{group}"] = tuple(codes) if group == "visibility" else max(codes, key=_gravity)
        ends = [action.until for action in done]
        if None not in ends:
            fields[f"end_date_{end}_restriction"] = _day(max(at for at in ends if at is not None))
        if f"DECISION_{group.upper()}_OTHER" in codes:
            fields[f"decision_{group}_other"] = ", ".join(sorted({a.name for a in done if a.kind.endswith("_other")}))
    return fields


def _gravity(code: str) -> tuple[bool, bool, bool]:
    return "TERMINAT" in code, "TOTAL" in code, "SUSPEN" in code


def _grounds(matter: Matter, line: Line) -> dict[str, Value]:
    sections = dict.fromkeys(cite.section for cite in line.cites)
    told = {cite.section: cite.heading for cite in line.cites if cite.heading}
    headings = [told.get(each) or matter.headings.get(each) or each for each in sections]
    reasons = matter.decision.rationale.strip() or matter.decision.facts.strip()
    rests = RESTS_ON[matter.language].format(headings="; ".join(headings)) if headings else ""
    explained = "\n\n".join(filter(None, (reasons, rests)))
    url = next((matter.urls[each] for each in sections if matter.urls.get(each)), "")
    match line.ground:
        case "incompatible_content":
            return {
                "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "decision_ground_reference_url": url,
                "incompatible_content_ground": _fit(headings, matter, "incompatible_content_ground"),
                "incompatible_content_explanation": explained,
            }  # fmt: skip
        case "illegal_content" | "legal_order":
            laws = list(dict.fromkeys(law for report in matter.reports for law in report.laws))
            return {
                "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "decision_ground_reference_url": url,
                "illegal_content_legal_ground": _fit(laws or headings, matter, "illegal_content_legal_ground"),
                "illegal_content_explanation": explained,
            }  # fmt: skip
    return {}


def _fit(parts: Sequence[str], matter: Matter, field: str) -> str:
    """As many whole names as the field takes; a single one that is too long stays, and is told as a problem."""
    limit = matter.schema.field[field].limit or 0
    kept = list(parts)
    while len(kept) > 1 and len("; ".join(kept)) > limit:
        kept.pop()
    return "; ".join(kept)


def _content(matter: Matter, subject: Subject) -> dict[str, Value]:
    kind = CONTENT.get(subject.item_type, "CONTENT_TYPE_OTHER")
    fields: dict[str, Value] = {"content_type": (kind,)}
    if kind == "CONTENT_TYPE_OTHER":
        fields["content_type_other"] = OTHER[matter.language].get(subject.item_type, subject.item_type)
    category, specification = BY_TYPE.get(matter.case.type, ("", ()))
    if matter.case.harm or category:
        fields["category"] = f"STATEMENT_CATEGORY_{matter.case.harm.upper() or category}"
    if not matter.case.harm:
        fields["category_specification"] = specification
    if subject.item_type in TRADERS:
        fields["account_type"] = "ACCOUNT_TYPE_BUSINESS"
    languages = [each.upper() for each in matter.case.languages]
    if len(languages) == 1 and languages[0] in matter.schema.values("content_language"):
        fields["content_language"] = languages[0]
    return fields


def _circumstances(matter: Matter, subject: Subject, actions: Sequence[Action]) -> dict[str, Value]:
    """Dates, facts, source. The day of the content is the first on which we know that it was there."""
    case, decision = matter.case, matter.decision
    seen = [at for at in (subject.captured_at, *(r.received_at for r in matter.reports), case.received_at) if at > 0]
    starts = [action.start for action in actions if action.start]
    applied = min(starts) if starts else decision.effective_at or decision.proposed_at
    source = source_type(case, matter.reports)
    return {
        "content_date": _day(min(seen)) if seen else "",
        "application_date": _day(applied) if applied else "",
        "decision_facts": decision.facts.strip() or decision.rationale.strip(),
        "source_type": source,
        "source_identity": case.requester_name if source == "SOURCE_TRUSTED_FLAGGER" else "",
        "automated_detection": "Yes" if any(report.automated for report in matter.reports[:1]) else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }


def source_type(case: Case, reports: Sequence[Report]) -> str:
    """Who made us look: a trusted flagger, a notice under Article 16, another notification, or we ourselves."""
    if case.requester_kind == "trusted_flagger":
        return "SOURCE_TRUSTED_FLAGGER"
    if not reports or case.requester_kind in ("internal", "executive") or reports[0].kind == "flag":
        return "SOURCE_VOLUNTARY"
    return "SOURCE_ARTICLE_16" if reports[0].kind == "notice" else "SOURCE_TYPE_OTHER_NOTIFICATION"


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


# --- personal data


def names_of(case: Case, reports: Iterable[Report], subjects: Iterable[Subject]) -> tuple[str, ...]:
    """The names of a case's people: who asks and for whom, who wrote the items, who appeals. No public body's."""
    body = {case.requester_name} if case.requester_kind in PUBLIC_BODIES else set()
    asking = [case.requester_name, case.on_behalf_of]
    asking += [name for report in reports for name in (report.requester_name, report.on_behalf_of)]
    authors = [subject.author for subject in subjects]
    appellant = [case.appeal.appellant] if case.appeal else []
    found = dict.fromkeys(each.strip() for each in (*asking, *authors, *appellant))
    return tuple(each for each in found if each and each not in body)


def personal(fields: Fields, names: Iterable[str], waived: Mapping[str, str]) -> Iterator[tuple[str, Found, str]]:
    """The personal data in the free fields: (field, what was found, why it is kept, or "")."""
    known = tuple(names)
    for name in FREE:
        value = fields.get(name, "")
        for found in find(value if isinstance(value, str) else "\n".join(value), known):
            yield name, found, waived.get(found.words, "").strip()


PERSONAL = {
    "email": "{field}: e-mail address {found}; mend it, or keep it with a reason",
    "phone": "{field}: phone number {found}; mend it, or keep it with a reason",
    "handle": "{field}: account name {found}; mend it, or keep it with a reason",
    "profile": "{field}: address of a profile {found}; mend it, or keep it with a reason",
    "name": "{field}: name of a person {found}; mend it, or keep it with a reason",
}


def left(fields: Fields, names: Iterable[str], waived: Mapping[str, str]) -> tuple[Said, ...]:
    """The personal data that is neither mended nor kept with a reason, as problems."""
    return tuple(
        said(PERSONAL[found.kind], field=field, found=found.words)
        for field, found, why in personal(fields, names, waived)
        if not why
    )
