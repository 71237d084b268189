"""Rows of `statutory.toml`: times that a law sets, each with its source and how it was checked.

Where the law gives no number there is its `wording` (or `no_number`, where it has not even a word for it); a row whose
text nobody has read yet has no time at all and starts no clock. An amendment is a new row with its own validity, never
an edit. Not legal advice.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from escaltui.domain.rule_rows import Date, Names, Row, Text, Yes

Number = Annotated[int, Meta(gt=0, description="a whole number above 0")]
Unit = Literal["hours", "calendar_days", "business_days", "months"]
OPENED = "opened"
REPORT = "report:"


class StatutoryRow(Row, frozen=True, kw_only=True):
    """One time set by law (or by a platform's duty), counted from `trigger`.

    One of `by` (an end), `opens` and `closes` (a window), `wording` or `no_number` (no number in the law), in `unit`s,
    in `zone`; none of them: nobody has read the text. `trigger`: opened (the case's receipt), report:KIND (the receipt
    of such a report), or the name of a recorded event. `holds`: what may pause it, and whether it resumes or restarts
    then. `stop`: the events that meet it. `further`: how much longer it lasts once "extended" is recorded. `keep`:
    months for which data is kept once it is met. `holidays`: calendars whose closed days are no business days.
    `stays_open`: not a deadline but a way that must stay open until then. `valid_from` and `valid_to` are judged on the
    trigger's date. `checked`: text (the provision was read), secondary (summaries were), unverified; `doubt`: what is
    not settled about it.
    """

    title: Text
    jurisdiction: Text
    when: Text
    trigger: Text = OPENED
    duty: Annotated[
        Literal["remove", "restore", "forward", "acknowledge", "respond", "report", "preserve", "inform"],
        Meta(description="one of remove restore forward acknowledge respond report preserve inform"),
    ] = "respond"
    by: Number | None = None
    opens: Number | None = None
    closes: Number | None = None
    wording: str = ""
    no_number: Yes = False
    unit: Annotated[Unit, Meta(description='"hours", "calendar_days", "business_days" or "months"')] = "hours"
    zone: str = ""
    holidays: Names = ()
    roll: Annotated[Literal["", "next_business_day"], Meta(description='"next_business_day", or left out')] = ""
    holds: Annotated[
        dict[str, Literal["resume", "restart"]], Meta(description='reasons, like { court = "resume" }')
    ] = {}
    stop: Names = ("decided", "resolved")
    further: Number | None = None
    keep: Number | None = None
    stays_open: Yes = False
    elements: Names = ()
    answer: str = ""
    valid_from: Date | None = None
    valid_to: Date | None = None
    source: Text
    url: str = ""
    checked: Annotated[
        Literal["text", "secondary", "unverified"], Meta(description='"text", "secondary" or "unverified"')
    ]
    doubt: str = ""
    reviewed_by: str = ""

    @property
    def unread(self) -> bool:
        """Whether nobody has read the text: no time is known, and no clock starts."""
        return not (self.by or self.opens or self.closes or self.wording or self.no_number)
