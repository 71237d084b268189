"""The code's names of deciding in the reader's words. `wording` looks them up."""

from __future__ import annotations

from collections.abc import Mapping

from escaltui.i18n import N_

WORK_WORDS: Mapping[str, str] = {
    # incidents and their standing calls
    "declared": N_("declared"), "active": N_("active"), "monitoring": N_("monitoring"), "revoked": N_("revoked"),
    "query": N_("rule"), "scribe": N_("scribe"), "name": N_("name"), "what_counts": N_("what counts"),
    # handovers, watches, risks
    "receiver": N_("receiver"), "about": N_("what it is about"), "threshold": N_("threshold"),
    "minutes": N_("window"), "count": N_("number"), "since": N_("from when"), "likelihood": N_("likelihood"),
    "impact": N_("impact"), "review_on": N_("day of review"), "says": N_("words"), "incident": N_("incident"),
    "watch": N_("watch"), "risk": N_("risk"), "handover": N_("handover"), "promise": N_("promise"),
    "tripped": N_("tripped"), "added": N_("added"),
    # recommendations, goals, insights
    "accepted": N_("accepted"), "shipped": N_("in use"), "linked": N_("linked"), "dismissed": N_("dismissed"),
    "met": N_("reached"), "missed": N_("not reached"), "dropped": N_("given up"), "process": N_("process"),
    "insight": N_("kept insight"), "recommendation": N_("recommendation"), "goal": N_("goal"), "measure": N_("metric"),
    "evidence": N_("evidence"), "spike": N_("rose"), "novel": N_("new"),
    # outcomes
    "no_violation": N_("no violation"), "violation_action": N_("violation, action"),
    "violation_no_action": N_("violation, no action"), "legal_compliance": N_("order complied with"),
    "legal_partial": N_("order partly complied with"), "legal_pushback": N_("order pushed back"),
    "refer_out": N_("referred elsewhere"), "insufficient_information": N_("not enough information"),
    "answered": N_("answered"), "product_issue": N_("product issue"),
    # our own rules, grounds, exceptions
    "breaks": N_("breaks them"), "clear": N_("within them"), "not_asked": N_("not asked"),
    "illegal_content": N_("illegal content"), "incompatible_content": N_("against our terms"),
    "legal_order": N_("an order"), "newsworthy": N_("newsworthy"), "awareness": N_("raises awareness"),
    "satire": N_("satire"),
    # decisions, approvals, deeds
    "proposed": N_("proposed"), "effective": N_("in effect"), "superseded": N_("replaced"), "pending": N_("pending"),
    "approved": N_("approved"), "returned": N_("sent back"), "review_due": N_("to be reviewed"),
    "reviewed": N_("reviewed"), "planned": N_("planned"), "queued": N_("to be done"), "confirmed": N_("done"),
    "failed_action": N_("failed"), "waived": N_("let go"), "cancelled": N_("cancelled"), "approver": N_("approver"),
    "lead": N_("lead"), "counsel": N_("counsel"), "specialist": N_("specialist"),
    "upheld": N_("upheld"), "overturned": N_("overturned"), "partly_overturned": N_("partly overturned"),
    "inadmissible": N_("inadmissible"),
    "propose": N_("propose"), "propose_held": N_("propose"), "approve": N_("approve"), "send_back": N_("send back"),
    "withdraw": N_("take back"), "enforce": N_("carry out"), "settle": N_("settle"), "fail": N_("fail"),
    "reversible": N_("can be undone"), "spirit": N_("rests on the spirit"), "reverses": N_("reverses"),
    "departs": N_("departs from like cases"),
    # what a law asks for
    "remove": N_("remove"), "restore": N_("restore"), "forward": N_("forward"), "acknowledge": N_("acknowledge"),
    "respond": N_("respond"), "report": N_("report"), "preserve": N_("preserve"), "inform": N_("inform"),
    "stakeholders": N_("stakeholders"),
    # what is open on a case
    "consult": N_("question"), "task": N_("task"), "letter": N_("letter"), "by_hand": N_("by hand"),
    "statement": N_("statement of reasons"), "review": N_("review"), "offered": N_("an answer waits"),
    # questions
    "asked": N_("asked"), "acknowledged": N_("seen"), "declined": N_("declined"), "expired": N_("expired"),
    "advice": N_("advice"), "approval_required": N_("their yes is needed"),
    # letters
    "affected_user": N_("the affected user"), "draft": N_("draft"),
    "awaiting_signoff": N_("waiting for a signature"), "sending": N_("being sent"), "sent": N_("sent"),
    "received": N_("received"), "valid": N_("ready"), "refused": N_("refused"),
    # tasks
    "open": N_("to do"), "doing": N_("begun"), "done": N_("done"),
    # telling the user
    "allowed": N_("allowed"), "delayed": N_("delayed"), "forbidden": N_("forbidden"),
    # appeals and updates
    "out_of_court": N_("out of court"), "board": N_("board"), "tactical": N_("working level"),
    "external": N_("outside"), "published": N_("published"), "line": N_("one line"), "mail": N_("mail"),
    # checklists
    "present": N_("present"),
    # fields of a case
    "acts": N_("actions in force"), "awaits": N_("approvals awaited"), "came": N_("events"),
    "hold_until": N_("end of the undo window"), "keep_until": N_("data kept until"), "open_work": N_("open work"),
    "outcomes": N_("outcomes"), "proposed_by": N_("proposed by"), "traits": N_("traits"),
    "user_notice": N_("telling the user"),
    # fields of operations, where a refusal names them (those of wording.py that are missing)
    "team": N_("team"), "question": N_("question"), "answer": N_("answer"), "reference": N_("reference"),
    "at": N_("time"), "address": N_("address"), "source": N_("source"), "statements": N_("statements of reasons"),
    "external_ref": N_("reference given there"), "elements": N_("elements"), "text": N_("text"),
    "target": N_("target language"), "party": N_("party"), "missing": N_("what is missing"), "event": N_("event"),
    "people": N_("people"), "texts": N_("texts"),
    # why a case is like another
    "same_item": N_("same item"), "same_file": N_("same file"), "same_account": N_("same account"),
    "same_requester": N_("same requester"), "meaning": N_("meaning"), "repeats": N_("likely repeats"),
    # what a law or a checklist asks of a request
    "account": N_("account"), "agency": N_("agency"), "authorised_order": N_("authorised order"),
    "danger": N_("danger"), "data_asked": N_("data asked for"), "goods": N_("goods"), "identity": N_("identity"),
    "officer": N_("officer"), "order_form": N_("form of the order"), "period": N_("period"), "ground": N_("ground"),
    "reasons": N_("reasons"), "redress": N_("redress"), "registration": N_("registration"),
    "right_owner": N_("owner of the right"), "scope": N_("scope"), "url": N_("exact address"),
    # why a legal clock may be held, and what meets it
    "clarification": N_("clarification"), "force_majeure": N_("force majeure"),
    "complaint_ended": N_("complaint ended"), "court_action_filed": N_("court action filed"),
    "cybertipline_filed": N_("CyberTipline report filed"), "forwarded": N_("forwarded"), "removed": N_("removed"),
    "restored": N_("restored"),
    # actions, where a refusal names them: the labels of actions.toml
    "age_gate": N_("Age limit"), "close_shop": N_("Close shop"), "context_label": N_("Context label"),
    "demote": N_("Show less"), "disable": N_("Disable access"), "disable_account": N_("Disable account for good"),
    "disable_ad_account": N_("Disable ad account"), "disclose": N_("Disclose data"),
    "end_monetisation": N_("End monetisation"), "geo_block": N_("Block in a country"),
    "hold_payout": N_("Hold payouts"), "limit_replies": N_("Limit replies"), "pause_ad": N_("Pause ad"),
    "refer": N_("Refer to authorities"), "reject_ad": N_("Reject ad"), "remove_listing": N_("Remove listing"),
    "strike": N_("Strike"), "suspend_account": N_("Suspend account"), "suspend_feature": N_("Suspend a feature"),
    "suspend_shop": N_("Suspend shop"), "unpublish_page": N_("Unpublish"), "warn": N_("Warn"),
    "warning_screen": N_("Warning screen"),
    # fields that a refusal names
    "lines": N_("lines"), "rationale": N_("the reasons"), "cites": N_("a policy section"), "actions": N_("an action"),
    "outcome": N_("an outcome"), "territory": N_("a country"), "departure_reason": N_("why it departs"),
}  # fmt: skip
OPERATION_WORDS: Mapping[str, str] = {
    "SaveHandover": N_("writing a handover"), "OfferHandover": N_("offering a handover"),
    "AcceptItem": N_("taking something over"), "ReturnItem": N_("giving something back"),
    "SetWatch": N_("a change of a watch"), "TripWatch": N_("a watch tripping"),
    "incident_ref": N_("incident"), "ruling": N_("standing call"),
    "SeeWatch": N_("a watch seen"), "SetRisk": N_("a change of a risk"),
    # insight, what was read, accounts
    "KeepInsight": N_("keeping an insight"),
    "SettleInsight": N_("settling an insight"),
    "Recommend": N_("a recommendation"),
    "SettleRecommendation": N_("settling a recommendation"),
    "RecordEffect": N_("measuring an effect"),
    "SetGoal": N_("a change of a goal"),
    "ReadSections": N_("reading sections"),
    "ReadCase": N_("reading a case"),
    "AcknowledgeVersion": N_("acknowledging a version"),
    "DescribeChange": N_("describing a change"),
    "PickSection": N_("a section picked"), "ForgetPicks": N_("forgetting picks"), "pick": N_("pick"),
    "SetNetwork": N_("a change of a network"),
    "network": N_("network"),
    "MergeRequesters": N_("merging requesters"),
    # what people did, where it is undone, cannot be, or is foreseen
    "LinkReport": N_("a report put on the case"), "VerifyReport": N_("a verification"),
    "EditCase": N_("a change of facts"), "SetSeverity": N_("a change of severity"), "Tag": N_("tagging"),
    "Untag": N_("taking a tag away"), "AddFlag": N_("a flag"), "ClearFlag": N_("taking a flag away"),
    "Follow": N_("watching a case"), "Unfollow": N_("no longer watching"), "LinkCases": N_("a link"),
    "UnlinkCases": N_("taking a link away"), "AttachSubject": N_("adding an item"),
    "DetachSubject": N_("taking an item off"), "PinSection": N_("a citation"),
    "UnpinSection": N_("taking a citation off"), "ProposeDecision": N_("a decision"),
    "ApproveDecision": N_("an approval"), "SendBack": N_("sending back"),
    "WithdrawDecision": N_("taking a decision back"), "ReviewDecision": N_("a review"),
    "DraftStatements": N_("drafting statements of reasons"), "EnforceDecision": N_("carrying a decision out"),
    "RecordActionResult": N_("a record of what was done"), "RetryAction": N_("trying an action again"),
    "WaiveAction": N_("letting an action go"), "SetUserNotice": N_("what the user may be told"),
    "EditStatement": N_("mending a statement of reasons"),
    "SendStatement": N_("a record about a statement of reasons"), "AskConsult": N_("a question"),
    "AckConsult": N_("a question seen"), "AnswerConsult": N_("an answer"),
    "DeclineConsult": N_("a question declined"), "WithdrawConsult": N_("taking a question back"),
    "OfferAnswer": N_("an answer by mail"), "DraftMessage": N_("writing a letter"), "SignOff": N_("signing a letter"),
    "RelayMessage": N_("relaying a letter"), "SendMessage": N_("sending a letter"),
    "RecordSent": N_("a record of a letter sent"), "WithdrawMessage": N_("giving a letter up"),
    "RecordInbound": N_("a letter received"), "AddTranslation": N_("a translation"),
    "AddTask": N_("writing a task down"), "SetTask": N_("changing a task"),
    "SetElements": N_("filling a checklist in"), "SetStakeholders": N_("changing who is kept up to date"),
    "SaveUpdate": N_("writing an update"), "ApproveUpdate": N_("approving an update"),
    "DeclareIncident": N_("declaring an incident"), "SetIncident": N_("changing an incident"),
    "MoveIncident": N_("moving an incident on"), "TickStep": N_("a step of an incident"),
    "JoinIncident": N_("joining an incident"), "LeaveIncident": N_("leaving an incident"),
    "AddIncidentNote": N_("a note on an incident"), "SetContacts": N_("changing who is kept up to date"),
    "SaveIncidentUpdate": N_("writing an update"), "ApproveIncidentUpdate": N_("approving an update"),
    "PublishIncidentUpdate": N_("publishing an update"), "SaveRuling": N_("writing a standing call"),
    "ProposeRuling": N_("proposing a standing call"), "ApproveRuling": N_("approving a standing call"),
    "RevokeRuling": N_("revoking a standing call"), "ExpireRuling": N_("the end of a standing call"),
    "PublishUpdate": N_("publishing an update"), "Assign": N_("an assignment"), "Skip": N_("skipping"),
    "Recuse": N_("a recusal"), "SetBoost": N_("a boost"), "RecordAsked": N_("a time asked for"),
    "StopClock": N_("stopping a clock"), "AddNote": N_("a note"), "CorrectNote": N_("correcting a note"),
    "Triage": N_("triage"), "Claim": N_("a claim"), "Release": N_("giving a case back"),
    "Transfer": N_("moving to another desk"), "Wait": N_("a wait"), "Wake": N_("ending a wait"),
    "Dismiss": N_("a dismissal"), "Close": N_("closing a case"), "Reopen": N_("reopening a case"),
    "Merge": N_("a merge"), "Unmerge": N_("an unmerge"), "Promise": N_("a promise"),
    "KeepPromise": N_("a promise kept"), "RenewPreservation": N_("keeping data"), "LetGo": N_("letting data go"),
    "DeclareIncomplete": N_("declaring a request incomplete"), "HoldClock": N_("holding a legal clock"),
    "ReleaseHold": N_("ending a hold"), "RecordEvent": N_("a record of an event"),
    "CorrectReceived": N_("correcting the time of receipt"), "EditRequester": N_("changing our directory"),
    "Macro": N_("a macro"), "Split": N_("a split"),
}  # fmt: skip
