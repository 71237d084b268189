"""The papers of the order story: mails that come in, and decisions as they are written down. All of it is invented."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.utils import formatdate

AUTHORITY = "Landespolizei Nordfelde"
THEIR_ADDRESS = "anordnung@landespolizei-nordfelde.example"
OUR_CONTACT = "+49 30 5550100"
"""In our own directory; the order does not name it."""
LEGAL_ADDRESS, DESK_ADDRESS = "legal@commonlea.example", "desk@commonlea.example"
ORDER_ID = "az-44-2026@landespolizei-nordfelde.example"
QUESTION = "Does this order bind us, where, and by when?"
ANSWER = "It binds us in Germany alone, for what its section 86 names."
POSTS = tuple(f"posts/44{n:02}" for n in range(1, 13))
BY_POLICY, BY_TERRITORY, REFUSED, GONE = POSTS[:5], POSTS[5:8], POSTS[8:11], POSTS[11]
CONTESTED = POSTS[2]
CASE_WORDS = ("Nordfelde", "propaganda", "posts/44", "AZ 44", "Criminal Code", "one hour")
"""Words of the case that no mail to a mailbox of ours may hold."""
_ORDER = """Sehr geehrte Damen und Herren,

the police authority of Nordfelde orders Commonlea to remove the following twelve posts, which are illegal
propaganda for a banned association under section 86 of the Criminal Code:

{posts}

You have one hour from receipt of this letter. Please tell us what was done.

Mit freundlichen Grüßen
{authority}, Dezernat 5
"""


def mail(sender: str, subject: str, text: str, key: str, answers: str = "") -> bytes:
    """A mail to our desk, sent now."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Date"] = sender, DESK_ADDRESS, subject, formatdate()
    made["Message-ID"] = f"<{key}>"
    if answers:
        made["In-Reply-To"] = f"<{answers}>"
    made.set_content(text)
    return made.as_bytes()


def order(key: str = ORDER_ID) -> bytes:
    """The order: twelve posts, one hour."""
    posts = "\n".join(f"https://commonlea.example/{each}" for each in POSTS)
    return mail(f"{AUTHORITY} <{THEIR_ADDRESS}>", "Order to remove content, AZ 44/2026",
                _ORDER.format(posts=posts, authority=AUTHORITY), key)  # fmt: skip


def legal_answers(question: str) -> bytes:
    """What Legal writes back to the mail with that Message-ID."""
    quoted = f"{ANSWER}\n\nOn Monday the desk wrote:\n> {QUESTION}\n"
    return mail(f"K. Osei <{LEGAL_ADDRESS}>", "Re: Question", quoted, "answer-1@commonlea.example", question)


def decision() -> str:
    """Our own policy first: five posts break it. The law second: three in Germany. Three are refused, one is gone."""
    return json.dumps({
        "why": "Judged post by post, by our own rules first and by the law second.",
        "facts": "Five posts praise the banned association. Three show its emblem in a historical setting. Three are "
                 "news reports about it. One was taken down by its author before the order came.",
        "consults": ["legal"],
        "lines": [
            {"outcome": "legal_pushback", "sections": ["dg.3", "law.2"]},
            {"outcome": "violation_action", "covers": BY_POLICY, "sections": ["dg.2"], "actions": ["remove"]},
            {"outcome": "legal_compliance", "covers": BY_TERRITORY, "sections": ["law.2", "law.3"], "own": "clear",
             "actions": ["geo_block"], "where": ["DE"]},
            {"outcome": "insufficient_information", "covers": [GONE]},
        ],
    })  # fmt: skip


def overturned() -> str:
    """What an appeal against one of the posts comes to: it is restored."""
    return json.dumps({
        "why": "Read again: the post quotes the praise in order to condemn it.",
        "facts": "The post quotes two sentences of the association and calls them shameful.",
        "appeal_outcome": "partly_overturned",
        "lines": [{"outcome": "enforcement_error", "sections": ["dg.3"], "actions": ["restore"]}],
    })  # fmt: skip


ANSWERED = {
    "order_date": "22 November 2026", "order_reference": "AZ 44/2026",
    "what_was_done": "Five posts were removed under our own rules. Three are blocked in Germany.",
    "what_was_not_done": "Three are news reports, which section 86 does not reach. One was no longer there.",
}  # fmt: skip
"""What only a person can say in the letter to the authority."""
