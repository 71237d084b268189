"""The story of one order, in the real program: from a mail that comes in to an appeal that overturns one line of it.

Plain commands and keys alone, each person in a process of their own, a real mail server on loopback. Each step yields a
line of what it found, and fails where the program does something else.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import order_papers as papers
import shift
from desks import Desk
from terminal import REPOSITORY, environment

sys.path.append(str(Path(__file__).parent / "outbound"))
from smtp_server import CUT, USUAL, MailServer

AUTHOR, APPROVER, COUNSEL, REVIEWER, SECOND = "rmarin", "dlefevre", "kosei", "lpark", "sbauer"
"""Who decides, who approves, who signs; who looks at the appeal, and who approves that."""
HOLD, PATIENCE = 31, 90.0
"""Seconds until an undo window is over, and until a state that does not come is a failure."""
SETTINGS = """[me]
name = "{me}"
[mail]
host = "127.0.0.1"
port = {port}
sender = "{sender}"
security = "none"
"""
TEAMS = '[team]\nlegal = {{ label = "Legal", calendar = "desk", address = "{address}" }}\n'
IN_ORDER = (
    "case opened", "claimed", "flagged terrorism", "time asked for was accepted", "report verified", "letter written",
    "letter signed", "may have been sent", "letter sent", "legal asked", "an answer came", "answer accepted",
    "proposed", "approved", "8 actions begun", "8 actions done", "8 statements of reasons drafted", "letter written",
    "letter signed", "letter sent", "appealed", "overturned on appeal",
)  # fmt: skip
"""What the timeline of the order must tell, in this order, whatever stands between."""
APPEAL_IN_ORDER = ("case opened", "claimed", "proposed", "approved", "1 action begun", "1 action done")


def later(seconds: int) -> tuple[str, ...]:
    """The program with the machine's clock so many seconds on."""
    moved = f"import sys, time; now = time.time_ns; time.time_ns = lambda: now() + {seconds} * 10**9;"
    return (sys.executable, "-c", f"{moved} from escaltui.cli import main; sys.exit(main())")


class Office:
    """The people of one desk, the mail server, a folder for papers. `hurry`: undo windows are skipped."""

    def __init__(self, desk: Desk, folder: Path, server: MailServer, *, hurry: bool) -> None:
        self.desk, self.folder, self.server, self.hurry = desk, folder, server, hurry
        self.ahead = 0
        folder.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS.format(me=AUTHOR, port=server.port, sender=papers.DESK_ADDRESS)
        (desk.config / "config.toml").write_text(settings)
        (desk.config / "rules").mkdir(exist_ok=True)
        (desk.config / "rules" / "teams.toml").write_text(TEAMS.format(address=papers.LEGAL_ADDRESS))

    def paper(self, name: str, content: bytes | str) -> str:
        """A file for the program to read."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def _ran(self, person: str, words: Iterable[str]) -> subprocess.CompletedProcess[str]:
        command = [*later(self.ahead), "--store", str(self.desk.store), "--as", person, *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment(self.desk.environment),
                              timeout=PATIENCE, cwd=REPOSITORY)  # fmt: skip

    def run(self, person: str, *words: str, code: int = 0) -> list[dict[str, Any]]:
        """What a person's command says, as objects."""
        done = self._ran(person, (*words, "--json"))
        assert done.returncode == code, f"{person}: escaltui {' '.join(words)}: {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def plain(self, person: str, *words: str) -> str:
        """What a person's command says, as people read it."""
        return self._ran(person, words).stdout

    def refused(self, person: str, *words: str) -> str:
        """The first line of what the program says where it must refuse a command; nothing may be printed."""
        done = self._ran(person, (*words, "--json"))
        assert done.returncode == 1, f"{person}: escaltui {' '.join(words)}: {done.returncode}: {done.stdout}"
        return done.stderr.splitlines()[0].removeprefix("escaltui: ")

    def case(self, ref: str, person: str = AUTHOR) -> dict[str, Any]:
        """A case, whole."""
        return self.run(person, "show", ref)[0]

    def by_hand(self, ref: str) -> list[dict[str, Any]]:
        """What somebody has to do in the platform's own tool for a case."""
        return [each for each in self.run(AUTHOR, "byhand", "list") if each["ref"] == ref]

    def after_hold(self, ref: str) -> list[dict[str, Any]]:
        """What there is to be done by hand once the undo window is over."""
        assert self.by_hand(ref) == [], "something was to be done within the undo window"
        self.ahead += HOLD if self.hurry else 0
        end = time.monotonic() + PATIENCE
        while not (found := self.by_hand(ref)):
            assert time.monotonic() < end, f"{ref}: no decision took effect: {self.case(ref)['case']['status']}"
            time.sleep(0.5)
        return found

    def yes(self, person: str, ref: str, shown: str, said: str) -> None:
        """In the workbench: open the case, A, read what is shown, y; the program must say what it did."""
        with self.desk.open(120, 36, program=later(self.ahead), ESCALTUI_AS=person) as terminal:
            terminal.wait_for(shift.at_queue, words="queue")
            terminal.press("/")
            terminal.type(f"ref:{ref}")
            terminal.wait_for(lambda text: f"ref:{ref}" in text and "1 of 1 " in text.split("\n")[0], words="filter")
            terminal.press("enter", "enter")
            terminal.wait_for(lambda text: shift.at_case(text) and ref in text.split("\n")[0], words="case")
            terminal.press("A")
            terminal.wait_for(lambda text: "┌─" in text and shown in text, words=f"box with {shown!r}")
            terminal.press("end", "y")
            terminal.wait_for(said)
            terminal.press("ctrl+q")
            assert terminal.wait_end() == 0


# --- the steps


def comes_in(office: Office) -> Iterator[str]:
    """The order becomes a case; a second import of the same mail adds nothing."""
    path = office.paper("order.eml", papers.order())
    (first,), (again,) = office.run(AUTHOR, "import", path), office.run(AUTHOR, "import", path)
    assert (first["opened"], again["opened"], again["known"]) == (1, 0, 1)
    (line,) = office.run(AUTHOR, "ls", "--sort", "newest", "--limit", "1")
    found = office.case(line["ref"])
    items = {each["item_id"] for each in found["subjects"]}
    assert (line["type"], line["requester_kind"], items) == ("legal_removal", "government", set(papers.POSTS))
    yield f"{line['ref']}: {line['type']} of {line['from']}, {len(items)} items; imported again: nothing new"


def clocks_run(office: Office, ref: str) -> Iterator[str]:
    """Country, flag and type start the legal clock of one hour; the time that the letter asks for is accepted."""
    office.run(AUTHOR, "claim", ref)
    office.run(AUTHOR, "edit", ref, "countries=DE", "harm=illegal_or_harmful_speech")
    office.run(AUTHOR, "flag", ref, "terrorism")
    office.run(AUTHOR, "clock", ref, "asked", "--words", "You have one hour", "--due", "1h", "--by", papers.AUTHORITY)
    rows = {each["clock"]: each for each in office.run(AUTHOR, "clock", ref, "list")}
    law, duty = rows["eu-terror"], rows["eu-dsa-order"]
    assert (law["kind"], law["state"], law["budget"]) == ("statutory", "running", 60)
    assert 0 < law["minutes_left"] < 60
    assert (duty["due"], duty["wording"]) == (None, "without undue delay")
    assert [each["words"] for each in rows.values() if each["kind"] == "asked"] == ["You have one hour"]
    yield f"eu-terror: {law['minutes_left']} minutes left of {law['budget']}; eu-dsa-order: no number in law"
    yield f"asked: {'one hour'!r}, by {papers.AUTHORITY}"


def verified(office: Office, ref: str) -> Iterator[str]:
    """The sender is called back, through a contact of our own directory only."""
    said = office.refused(AUTHOR, "verify", ref, "--method", "callback", "--contact", papers.THEIR_ADDRESS)
    office.run(AUTHOR, "contact", ref, "--add", papers.OUR_CONTACT, "--channel", "phone", "--source", "State directory")
    office.run(AUTHOR, "contact", ref, "--add", "recht@landespolizei-nordfelde.example", "--channel", "email",
               "--source", "State directory")  # fmt: skip
    office.run(AUTHOR, "verify", ref, "--method", "callback", "--contact", papers.OUR_CONTACT)
    report = office.case(ref)["reports"][0]
    assert (report["verification"]["state"], report["verification"]["contact_used"]) == ("verified", papers.OUR_CONTACT)
    (other,) = office.run(AUTHOR, "import", office.paper("second.eml", papers.order("az-45-2026@else.example")))
    (second,) = office.run(AUTHOR, "ls", "--sort", "newest", "--limit", "1")
    assert (other["opened"], second["from"], second["verified"]) == (1, papers.AUTHORITY, "unverified")
    yield f"through the address in the order itself: {said}"
    yield f"a further order in the same name: {second['ref']}, {second['verified']}"
    yield f"verified by call-back to {papers.OUR_CONTACT}"


def cut_reply(office: Office, ref: str) -> Iterator[str]:
    """A receipt whose reply is cut may have been sent; unasked it never leaves again."""
    letter = drafted(office, ref, "receipt", "--to", "authority", "--set", "next_letter=this evening")
    before = len(office.server.delivered)
    office.server.moments["end"] = CUT
    (cut,) = office.run(AUTHOR, "send", letter, code=1)
    office.server.moments["end"] = USUAL["end"]
    assert (cut["state"], len(office.server.delivered)) == ("failed", before + 1)
    said = office.refused(AUTHOR, "send", letter)
    assert len(office.server.delivered) == before + 1
    (sent,) = office.run(AUTHOR, "send", letter, "--again")
    assert (sent["state"], len(office.server.delivered)) == ("sent", before + 2)
    keys = {str(message_from_bytes(each, policy=default)["Message-ID"]) for each in office.server.delivered[before:]}
    assert len(keys) == 1, "what is sent again must keep its Message-ID"
    yield f"receipt, reply cut: {cut['failure']}; sent unasked: {said}; asked for: sent, same Message-ID"


def drafted(office: Office, ref: str, template: str, *words: str) -> str:
    """A letter to the authority, signed by counsel; unsigned, or signed by its author, it does not leave."""
    (made,) = office.run(AUTHOR, "reply", ref, "--template", template, *words)
    letter: str = made["letter"]
    before = len(office.server.delivered)
    office.refused(AUTHOR, "send", letter)
    office.refused(AUTHOR, "sign", letter)
    assert len(office.server.delivered) == before
    office.run(COUNSEL, "sign", letter, "--read", made["content_sha256"])
    return letter


def legal_asked(office: Office, ref: str) -> Iterator[str]:
    """Legal is asked by a mail without case text, answers by mail, and the answer is taken with A y."""
    before = len(office.server.delivered)
    (asked,) = office.run(AUTHOR, "consult", ref, "--to", "legal", "--ask", papers.QUESTION, "--mail")
    assert (asked["mail"], len(office.server.delivered)) == ("sent", before + 1)
    sent = message_from_bytes(office.server.delivered[-1], policy=default)
    text = f"{sent['Subject']}\n{sent.get_content()}"
    assert papers.QUESTION in text
    assert [word for word in papers.CASE_WORDS if word.lower() in text.lower()] == []
    answer = office.paper("answer.eml", papers.legal_answers(str(sent["Message-ID"]).strip("<>")))
    (came,), (again,) = office.run(AUTHOR, "receive", answer), office.run(AUTHOR, "receive", answer)
    assert (came["kind"], came["consult"], again["kind"]) == ("answer", asked["consult"], "known")
    office.yes(AUTHOR, ref, papers.ANSWER[:30], "accepted")
    consult = office.case(ref)["consults"][0]
    assert (consult["state"], consult["answer"]) == ("answered", papers.ANSWER)
    yield f"mail to {sent['To']}: {sent['Subject']}, no word of the case; answer offered, taken with A y"


def decided(office: Office, ref: str) -> Iterator[str]:
    """Twelve items in four lines; who proposed it cannot approve it; a second person reads it and says yes."""
    (made,) = office.run(AUTHOR, "decide", ref, "--lines", office.paper("decision.json", papers.decision()))
    assert (made["approval"], made["awaits"]) == ("pending", ["approver"])
    said = office.refused(AUTHOR, "approve", ref)
    other = office.refused(COUNSEL, "approve", ref)
    office.yes(APPROVER, ref, "Approve", "Approved as approver")
    found = office.case(ref)
    (decision,) = found["decisions"]
    covered = [len(line.get("covers", ())) for line in decision["lines"]]
    outcomes = [line["outcome"] for line in decision["lines"]]
    assert outcomes == ["legal_pushback", "violation_action", "legal_compliance", "insufficient_information"]
    assert covered == [0, 5, 3, 1]
    assert [each["person"] for each in decision["approvals"]] == [APPROVER]
    yield "five by policy (remove), three by territory (geo_block in DE), three refused, one gone"
    yield f"{AUTHOR} approves: {said}; {COUNSEL}: {other}; {APPROVER}: approved with A y"


def carried_out(office: Office, ref: str) -> Iterator[str]:
    """After the undo window eight actions wait by hand; all are done with one reference."""
    waiting = office.after_hold(ref)
    done = sorted((each["action"], each["item"], tuple(each["where"])) for each in waiting)
    wanted = [("remove", each, ()) for each in papers.BY_POLICY]
    assert done == sorted([*wanted, *(("geo_block", each, ("DE",)) for each in papers.BY_TERRITORY)])
    said = office.refused(AUTHOR, "withdraw", ref, "--why", "too late")
    office.run(AUTHOR, "byhand", "done", ref, "--reference", "OPS-2026-118")
    found = office.case(ref)
    assert {(each["state"], each["external_ref"]) for each in found["actions"]} == {("confirmed", "OPS-2026-118")}
    assert found["case"]["status"] == "resolved"
    yield f"8 actions by hand after the undo window, done with OPS-2026-118; taken back after it: {said}"


def stated(office: Office, ref: str) -> Iterator[str]:
    """A statement of reasons for each of the eight items; all valid, exported."""
    (made,) = office.run(AUTHOR, "sor", "draft", ref)
    rows = office.run(AUTHOR, "sor", "list", ref)
    assert [row for row in rows if row["state"] != "valid"] == []
    assert (made["statements"], len(made["left_out"]), len(rows)) == (8, 4, 8)
    (out,) = office.run(AUTHOR, "sor", "export", str(office.folder / "statements"), "--refs", ref)
    written = [each for file in out["files"] for each in _statements(Path(file))]
    assert (out["statements"], out["held_back"], len(written)) == (8, 0, 8)
    assert sorted({len(each["territorial_scope"]) for each in written}) == [1, 30]
    yield "8 statements drafted, valid, exported; 4 items have none"


def _statements(file: Path) -> list[dict[str, Any]]:
    found = json.loads(file.read_text())
    rows: list[dict[str, Any]] = found["statements"] if isinstance(found, dict) else found
    return rows


def answered(office: Office, ref: str) -> Iterator[str]:
    """The letter to the authority: from a template, signed by counsel, through the mail server exactly once."""
    values = [word for name, text in papers.ANSWERED.items() for word in ("--set", f"{name}={text}")]
    unfilled = office.refused(AUTHOR, "reply", ref, "--template", "order-partly", *values[2:])
    letter = drafted(office, ref, "order-partly", *values)
    before = len(office.server.delivered)
    office.run(AUTHOR, "send", letter)
    said = office.refused(AUTHOR, "send", letter)
    office.refused(AUTHOR, "send", letter, "--again")
    assert len(office.server.delivered) == before + 1
    sent = message_from_bytes(office.server.delivered[-1], policy=default)
    assert str(sent["In-Reply-To"]) == f"<{papers.ORDER_ID}>"
    assert "{{" not in sent.get_content()
    assert papers.ANSWERED["what_was_not_done"] in " ".join(sent.get_content().split())
    clock = {each["clock"]: each["state"] for each in office.run(AUTHOR, "clock", ref, "list")}
    assert clock["eu-dsa-order"] == clock["eu-terror"] == "stopped"
    yield f"a variable left out: {unfilled}"
    yield f"{sent['Subject']}: delivered once; sent again: {said}; legal clocks met"


def appealed(office: Office, ref: str) -> Iterator[str]:
    """An appeal: another person decides, a further one approves; one line is overturned and its post restored."""
    grounds = "The post quotes the praise in order to condemn it."
    (opened,) = office.run(AUTHOR, "appeal", ref, "--grounds", grounds, "--by", "The author of the post",
                           "--item", papers.CONTESTED)  # fmt: skip
    new = opened["new"]
    assert [each["item_id"] for each in office.case(new)["subjects"]] == [papers.CONTESTED]
    recused = office.refused(AUTHOR, "claim", new)
    deeds = {each["id"]: each for each in office.case(ref)["actions"]}
    names = {each["id"]: each["item_id"] for each in office.case(ref)["subjects"]}
    (taken,) = [key for key, deed in deeds.items() if names[deed["subject"]] == papers.CONTESTED]
    path = office.paper("appeal.json", papers.overturned())
    (made,) = office.run(REVIEWER, "decide", new, "--claim", "--lines", path)
    assert (made["approval"], made["rules"]) == ("pending", ["approval.toml: reversal"])
    office.run(SECOND, "approve", new)
    (restore,) = office.after_hold(new)
    assert (restore["action"], restore["item"], restore["takes_back"]) == ("restore", papers.CONTESTED, taken)
    office.run(REVIEWER, "byhand", "done", new, "--reference", "OPS-2026-131")
    found = office.case(new)
    assert (found["case"]["status"], found["decisions"][0]["appeal_outcome"]) == ("resolved", "partly_overturned")
    assert office.case(ref)["decisions"][0]["state"] == "effective", "the eleven other items stay decided"
    yield f"{new}: {AUTHOR}: {recused}; {REVIEWER} overturns {papers.CONTESTED}, {SECOND} approves, restored"


def told(office: Office, ref: str) -> Iterator[str]:
    """The timelines of the order and of its appeal tell all of it in order, and the log is sound."""
    found = office.case(ref)
    (link,) = [each for each in found["links"] if each["kind"] == "appeal_of"]
    other = office.case(link["source"])
    assert other["line"]["ref"] != ref, "the link should lead from the appeal to what is appealed"
    check_told(found["timeline"])
    check_told(other["timeline"], APPEAL_IN_ORDER)
    plain = office.plain(AUTHOR, "show", ref)
    assert [entry["what"] for entry in found["timeline"] if entry["what"] not in plain] == []
    (audit,) = office.run(AUTHOR, "audit", "verify")
    assert audit["sound"] is True
    for case in (found, other):
        yield f"timeline of {case['line']['ref']}:"
        yield from (f"  {entry['at'][11:19]} {entry['who']:9} {entry['what']}" for entry in case["timeline"])
    yield f"audit verify: {audit['changes']} changes, sound"


def check_told(timeline: Sequence[dict[str, Any]], in_order: Sequence[str] = IN_ORDER) -> None:
    """All that happened stands there, in the order in which it did."""
    assert [each["at"] for each in timeline] == sorted(each["at"] for each in timeline)
    left = iter(each["what"] for each in timeline)
    for wanted in in_order:
        assert any(wanted in what for what in left), f"the timeline does not tell, in its place: {wanted}"


AFTER_IMPORT = (clocks_run, verified, cut_reply, legal_asked, decided, carried_out, stated, answered, appealed, told)


def walk(desk: Desk, folder: Path, *, hurry: bool) -> Iterator[str]:
    """The whole story on a demo desk; a line for each thing found."""
    with MailServer() as server:
        office = Office(desk, folder, server, hurry=hurry)
        for line in comes_in(office):
            yield line
        ref = line.partition(":")[0]
        for step in AFTER_IMPORT:
            yield from step(office, ref)
