"""The code's names and the domain's sentences in the reader's words: looked up when they are drawn.

One place for all of it. The domain hands up templates and values (`domain.sentences`); here they become a sentence in
the language spoken now. Logs, queries and `--json` keep the English sentence and the code's names.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from escaltui.domain.changes import Refused
from escaltui.domain.sentences import Fault, Said, Value, Words, unstopped
from escaltui.i18n import N_, _, number
from escaltui.wording_work import OPERATION_WORDS, WORK_WORDS

NO_ROUTE = N_("No route is set. Stop, and call your lead.")
"""What is said of a sealed item where the operator named no team."""
WORDS: Mapping[str, str] = {
    **OPERATION_WORDS, **WORK_WORDS,
    # statuses
    "new": N_("new"), "triaged": N_("triaged"), "in_review": N_("in review"), "waiting": N_("waiting"),
    "pending_approval": N_("waiting for approval"), "decided": N_("decided"), "enforcing": N_("being carried out"),
    "resolved": N_("resolved"), "closed": N_("closed"), "merged": N_("merged"),
    # the verbs of the transition table
    "claim": N_("claim"), "release": N_("give back"), "triage": N_("triage"), "wait": N_("wait"), "wake": N_("wake"),
    "transfer": N_("move to another desk"), "dismiss": N_("dismiss"), "close": N_("close"), "reopen": N_("reopen"),
    "merge": N_("merge"), "unmerge": N_("unmerge"),
    # who may see it
    "normal": N_("everybody at the desk"), "restricted": N_("restricted"), "privileged": N_("privileged"),
    # why a case ended, or opened again
    "out_of_scope": N_("out of scope"), "incomplete_notice": N_("incomplete notice"), "withdrawn": N_("withdrawn"),
    "spam": N_("spam"), "duplicate": N_("duplicate"), "fraudulent": N_("fraudulent"), "appeal": N_("appeal"),
    "new_facts": N_("new facts"), "policy_change": N_("policy change"), "error": N_("our error"),
    "enforcement_error": N_("enforcement error"), "policy_gap": N_("policy gap"), "product_bug": N_("product bug"),
    "workflow_gap": N_("workflow gap"), "abuse": N_("abuse"), "none": N_("none"),
    # links
    "related_to": N_("related to"), "duplicate_of": N_("duplicate of"), "appeal_of": N_("appeal of"),
    "follow_up_of": N_("follow-up of"), "split_from": N_("split from"), "absorbed": N_("absorbed"),
    # the packaged rules, where a list is drawn before the rules are read (a team's own words: `widgets.labels.named`)
    "legal_removal": N_("Legal removal"), "legal_rights": N_("Legal rights"), "court_order": N_("Court order"),
    "data_request": N_("Data request"), "preservation_request": N_("Preservation request"),
    "emergency_disclosure": N_("Emergency disclosure"), "government_enquiry": N_("Government enquiry"),
    "regulator_enquiry": N_("Regulator enquiry"), "ip_copyright": N_("Copyright"), "ip_trademark": N_("Trade mark"),
    "ip_counterfeit": N_("Counterfeit"), "ads": N_("Ads"), "commerce": N_("Commerce"),
    "account_access": N_("Account access"), "press": N_("Press"), "partner": N_("Partner"),
    "user_escalation": N_("User escalation"), "internal_flag": N_("Internal flag"),
    "credible_threat": N_("credible threat"), "violence": N_("violence"), "imminent": N_("imminent"),
    "minor_involved": N_("minor involved"), "self_harm": N_("self-harm"), "terrorism": N_("terrorism"),
    "ncii": N_("intimate images without consent"), "high_profile": N_("high profile"),
    "media_interest": N_("media interest"), "election": N_("election"), "new_report": N_("new report"),
    "advertiser": N_("advertiser"), "merchant": N_("merchant"), "rights_holder": N_("rights holder"),
    "government": N_("government"), "court": N_("court"), "regulator": N_("regulator"), "ngo": N_("NGO"),
    "trusted_flagger": N_("trusted flagger"), "internal": N_("colleague"), "executive": N_("executive"),
    "ack": N_("Acknowledge"), "decision": N_("Decide"), "resolve": N_("Resolve"),
    "first_response": N_("First response"), "next_update": N_("Next update"), "approval": N_("Approve"),
    "content_policy": N_("Content policy"), "public_policy": N_("Public policy"), "comms": N_("Communications"),
    "sales": N_("Sales"), "ops": N_("Operations"), "ads_policy": N_("Ads policy"), "ip": N_("Intellectual property"),
    "privacy": N_("Privacy"), "partnerships": N_("Partnerships"), "threat_intel": N_("Threat intelligence"),
    "law_enforcement_response": N_("Law enforcement response"), "security": N_("Security"),
    "child_safety": N_("Child safety"), "market": N_("Market team"), "global": N_("Global"),
    # whom a case waits for, besides the teams
    "requester": N_("the requester"), "law_enforcement": N_("law enforcement"), "other": N_("somebody else"),
    "user": N_("the user"), "legal": N_("legal"), "vendor": N_("a vendor"),
    # hidden characters
    "control": N_("control"), "escape": N_("escape"), "bidi": N_("direction"), "tag": N_("tag"),
    "invisible": N_("invisible"), "stacked": N_("stacked"), "mixed": N_("mixed alphabets"),
    # how a report came, and how it was verified
    "api": N_("API"), "email": N_("e-mail"), "form": N_("form"), "phone": N_("phone"), "import": N_("import"),
    "manual": N_("by hand"), "callback": N_("call-back"), "portal": N_("portal"), "directory": N_("directory"),
    "signed_order": N_("signed order"), "in_person": N_("in person"), "verified": N_("verified"),
    "unverified": N_("unverified"), "failed": N_("not genuine"),
    # what a law asks of a notice
    "present": N_("present"), "absent": N_("missing"), "unclear": N_("unclear"), "work": N_("the work"),
    "contact": N_("contact"), "good_faith": N_("good faith"),
    "material": N_("where it is"), "accuracy_authority": N_("statement of accuracy"), "signature": N_("signature"),
    "mistake": N_("statement of a mistake"), "jurisdiction": N_("consent to a court"), "authority": N_("authority"),
    "subject": N_("subject"), "legal_basis": N_("legal basis"), "action_asked": N_("action asked"),
    "redacted": N_("blacked out"),
    # what an item is to a case
    "primary": N_("primary"), "related": N_("related"), "evidence_only": N_("evidence only"),
    # kinds of notes
    "note": N_("note"), "analysis": N_("analysis"), "quote": N_("quote"), "call": N_("call"),
    # the five-minute brief
    "who": N_("Who"), "ask": N_("What is asked"), "by_when": N_("By when"), "known": N_("Known"),
    "unknown": N_("Not known"), "cited": N_("Policy cited"), "kind": N_("kind"), "report": N_("report"),
    "on_behalf_of": N_("on behalf of"), "laws": N_("laws"), "item": N_("item"), "items": N_("items"),
    "verification": N_("verification"), "country": N_("country"), "language": N_("language"),
    "policy": N_("policy"), "element": N_("left out of the notice"), "problem": N_("problem"),
    # how clocks and the place in the queue are made
    "budget": N_("budget"), "used": N_("used"), "paused": N_("paused"), "left": N_("left"), "due": N_("due"),
    "start": N_("start"), "calendar": N_("calendar"), "rule": N_("rule"), "wording": N_("wording"), "by": N_("by"),
    "lane": N_("lane"), "near": N_("near"), "reports": N_("reports"),
    # what a query may ask about later
    "decisions": N_("decisions"), "incidents": N_("incidents"),
    # fields of a case, where a sentence names them
    "severity": N_("severity"),
    "title": N_("title"), "summary": N_("summary"), "content_note": N_("content note"), "product": N_("product"),
    "harm": N_("harm"), "root_cause": N_("root cause"), "countries": N_("countries"), "languages": N_("languages"),
    "type": N_("type"), "desk": N_("desk"), "status": N_("status"), "flags": N_("flags"), "flag": N_("flag"),
    "tags": N_("tags"), "owner": N_("name on it"), "lease": N_("claim"), "fence": N_("claim"), "boost": N_("boost"),
    "watchers": N_("watchers"), "skipped": N_("skipped"), "recused": N_("recused"), "pins": N_("citations"),
    "subjects": N_("items"), "clocks": N_("clocks"), "sensitivity": N_("who may see it"), "reach": N_("reach"),
    "merged_into": N_("merged into"), "end_reason": N_("reason for the end"), "reopened": N_("reopened"),
    "requester_name": N_("requester"), "requester_kind": N_("kind of requester"), "received_at": N_("received"),
    "hidden": N_("hidden characters"), "files": N_("files"), "report_count": N_("number of reports"),
    # fields of operations
    "reason": N_("reason"), "method": N_("method"), "contact_used": N_("contact used"), "item_id": N_("item"),
    "body": N_("text"), "words": N_("words of the letter"), "instant": N_("time"), "until": N_("until when"),
    "on": N_("for whom"), "what": N_("what it was"), "section": N_("section"), "version": N_("version"),
    "text_sha256": N_("hash of the text"), "person": N_("colleague"), "roles": N_("roles"), "opens": N_("id"),
    "channel": N_("channel"), "affected_count": N_("number affected"),
    # operations, where one cannot be done or undone
    "OpenCase": N_("opening a case"), "ReceiveReport": N_("taking a report in"), "AddPerson": N_("adding a colleague"),
    "SettleCase": N_("the course of time"), "RenewLease": N_("renewing a claim"), "Undo": N_("an undo"),
    "SetSensitivity": N_("setting who may see a case"), "AddMember": N_("naming a member"),
    "RemoveMember": N_("taking a member off"), "BreakGlass": N_("breaking the glass"), "members": N_("members"),
    "glass": N_("who broke the glass"),
    "RateMedia": N_("rating a file"), "DescribeMedia": N_("describing a file"), "SealMedia": N_("sealing a file"),
    "RecordAccess": N_("a record of access"), "RecordExport": N_("a record of export"),
    "RecordElsewhere": N_("a record of what was done elsewhere"),
    "accessed": N_("a record of access"), "exported": N_("a record of export"),
    "PublishPolicyVersion": N_("publishing a policy version"), "ReleaseVersion": N_("releasing a held policy version"),
}  # fmt: skip
REPORTS: Mapping[str, str] = {
    "notice": N_("notice"), "counter_notice": N_("counter-notice"), "retraction": N_("retraction"),
    "order": N_("order"), "request": N_("request"), "enquiry": N_("enquiry"), "appeal": N_("appeal"),
    "flag": N_("internal flag"),
}  # fmt: skip
"""What a report is."""
RATINGS: Mapping[str, str] = {
    "none": N_("none: nothing to be shielded from"), "sensitive": N_("sensitive"), "graphic": N_("graphic"),
    "severe": N_("severe"), "unknown": N_("not rated"),
}  # fmt: skip
"""How graphic a file is."""


def word(name: str) -> str:
    """A name of the code as people read it; one without a word loses its underscores. `asked:1` is told as `asked`."""
    if name in WORDS:
        return _(WORDS[name])
    kind, _colon, number = name.partition(":")
    return word(kind) if number.isdecimal() else name.replace("_", " ")


def report_word(kind: str) -> str:
    """What a report is, as people read it."""
    return _(REPORTS[kind]) if kind in REPORTS else word(kind)


def rating_word(rating: str) -> str:
    """How graphic a file is, as people read it."""
    return _(RATINGS.get(rating, rating))


def refusal(refused: Refused) -> tuple[str, str]:
    """Why something was refused, and what mends it, in the language spoken now."""
    reason, mend = refused.said
    return told(reason), told(mend)


def fault(error: Exception) -> str:
    """What an exception of ours says, in the language spoken now."""
    return told(error.said) if isinstance(error, Fault) else str(error)


def told(said: Said) -> str:
    """A sentence of the domain in the language spoken now, with words for the code's names."""
    text = _spelled(said)
    if said.template.startswith("{") and said.values and isinstance(_first(said), Words):
        text = text[:1].upper() + text[1:]
    return text


def _first(said: Said) -> Value | None:
    name = next((field for _text, field, _spec, _turn in Formatter().parse(said.template) if field), "")
    return dict(said.values).get(name)


def _spelled(said: Said) -> str:
    template = word(said.template) if said.template in WORDS else _(said.template)
    values = {name: unstopped(template, name, _in_words(value)) for name, value in said.values}
    return _SPEAKER.vformat(template, (), values)


def _in_words(value: Value) -> str | int:
    if isinstance(value, Words):
        return ", ".join(word(name) if name in WORDS else _(name) for name in value.names)
    return ", ".join(map(_spelled, value)) if isinstance(value, tuple) else value


class _Speaker(Formatter):
    """Formats as `str.format`, with thousands apart as the language has it."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        if format_spec == "," and isinstance(value, int):
            return number(value)
        return super().format_field(value, format_spec)


_SPEAKER = _Speaker()
