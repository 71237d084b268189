"""The code's names of deciding in the reader's words. `wording` looks them up."""

from __future__ import annotations

from collections.abc import Mapping

from escaltui.i18n import N_

WORK_WORDS: Mapping[str, str] = {
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
    "awaiting_signoff": N_("waits for a signature"), "sending": N_("being sent"), "sent": N_("sent"),
    "received": N_("received"), "valid": N_("ready"), "refused": N_("refused"),
    # tasks
    "open": N_("open"), "doing": N_("begun"), "done": N_("done"),
    # telling the user
    "allowed": N_("allowed"), "delayed": N_("delayed"), "forbidden": N_("forbidden"),
    # appeals and updates
    "out_of_court": N_("out of court"), "board": N_("board"), "tactical": N_("working level"),
    "external": N_("outside"), "published": N_("published"), "line": N_("one line"), "mail": N_("mail"),
    # checklists
    "present": N_("present"),
    # fields that a refusal names
    "lines": N_("lines"), "rationale": N_("the reasons"), "cites": N_("a policy section"), "actions": N_("an action"),
    "outcome": N_("an outcome"), "territory": N_("a country"), "departure_reason": N_("why it departs"),
}  # fmt: skip
