"""A published update as letters: one for each stakeholder, in the length that they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused
from escaltui.domain.operations import DraftMessage, Promise, PublishUpdate
from escaltui.i18n import _

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench


def publish(bench: Workbench, case_id: str, update_id: str) -> Refused | int:
    """Let an update go out: a letter for each stakeholder, and the next one promised. Gives how many letters wait."""
    outcome = bench.do(PublishUpdate(case=case_id, update=update_id))
    if isinstance(outcome, Refused):
        return outcome
    rows = bench.store.bundle(case_id)
    update = next((each for each in rows.updates if each.id == update_id), None) if rows is not None else None
    if update is not None and update.promised is not None:
        words = _("the next update")
        bench.do(Promise(case=case_id, party="stakeholders", words=words, instant=update.promised))
    return letters_of(bench, case_id, update_id)


def letters_of(bench: Workbench, case_id: str, update_id: str) -> int:
    """Write the letters of an update that was published. Gives how many were written; none twice."""
    rows = bench.store.bundle(case_id)
    update = next((each for each in rows.updates if each.id == update_id), None) if rows is not None else None
    if rows is None or update is None:
        return 0
    told = {each.address for each in rows.messages if each.about == update_id and each.state != "withdrawn"}
    subject = _("Update on {ref}").format(ref=rows.case.ref)
    ops = [
        DraftMessage(
            case=case_id, party="executive" if who.length == "executive" else "internal", address=who.address,
            subject=subject, body=update.texts.get(who.length) or update.texts.get("mail", ""), purpose="update",
            about=update_id,
        )
        for who in rows.case.stakeholders.values()
        if who.address and who.address not in told
    ]  # fmt: skip
    return sum(not isinstance(outcome, Refused) for outcome in bench.do_many(ops)) if ops else 0
