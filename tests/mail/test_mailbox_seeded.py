"""Defects seeded on purpose: each must be noticed by the counting that the other tests rest on."""

from __future__ import annotations

from typing import Any

import pytest
from hard_mails import hard, mail
from mail_desk import misplaced, sent
from mail_plan import Sample

from escaltui.workbench import Workbench, letters, mailing

TOLD_APART = mailing.told_apart


def by_key_alone(bench: Workbench, found: Any) -> Any:
    """What has the Message-ID of another is taken for it."""
    new = TOLD_APART(bench, found)
    return None if new is not found else new


DEFECTS = {
    "another mail under one Message-ID is lost": (mailing, "told_apart", by_key_alone),
    "absence notes open cases": (mailing, "written_by", lambda message: ""),
    "a bounce finds no letter": (letters, "given_back", lambda content: ()),
    "an answer finds no thread": (letters, "answered_ids", lambda message: ()),
    "a mail is known by its bytes": (mailing, "told_apart", lambda bench, found: found),
}


def placed(desk: Workbench) -> list[str]:
    """What is misplaced of the difficult mails, without the large ones, and of a reply that comes before its parent."""
    ours = sent(desk, 8)
    reply = mail("early@lea.example", above=b"In-Reply-To: <parent@lea.example>\r\n")
    early = Sample(reply, "case", "early@lea.example", "early@lea.example")
    parent = Sample(mail("parent@lea.example"), "case", "parent@lea.example", "parent@lea.example")
    plan = [each for each in hard(ours, 1 << 10) if len(each.content) < 1 << 20]
    plan += [early, parent, early._replace(expects="known")]
    mailing.take_in(desk, [each.content for each in plan], [])
    return misplaced(desk, plan, ours)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_seeded_defect_is_noticed(desk: Workbench, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*DEFECTS[name])
    assert placed(desk) != []


def test_without_one_all_is_right(desk: Workbench) -> None:
    assert placed(desk) == []
