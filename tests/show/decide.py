"""Everything under "Show" of deciding that can be shown by a program. Fails where real material is missing.

`make show-decide`, or `python tests/show/decide.py [--quick] [--only PART ...]`. Each part prints what it found; the
end says which parts passed, and the exit code is 0 only when all did.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "domain")]

import first_light  # noqa: E402
import notices as real  # noqa: E402
import order_story  # noqa: E402
from desks import Desk  # noqa: E402
from first_light import Show, need, objects, suite  # noqa: E402
from terminal import REPOSITORY  # noqa: E402

DECIDED, WHOLE, LACKING = 50, 40, 10
SECTION = "facebook-community-guidelines#third-party-intellectual-property-infringement/policy-rationale"
HARM = "intellectual_property_infringements"
WAIT = 60
"""Seconds until a decision whose undo window is over must be in force."""
NAMED = ("own approval", "an edit keeps the approval", "a wait of ours pauses the law", "undo after the window",
         "an unpinned section", "a placeholder is sent", "disclosure on an unverified report",
         "sent where it is forbidden", "statement drafted and sent where forbidden")  # fmt: skip
"""Defects that must be among those seeded."""
KEY_TESTS = ("tests/real_program/test_decide_keys.py", "tests/screens/test_decide.py",
             "tests/screens/test_exchange_screens.py")  # fmt: skip
WITHHELD = "[withheld]"
KEPT = "The name of a company that holds the right, not of a person."


def defects(show: Show) -> Iterator[str]:
    """Each seeded defect is put into the rules for a moment; a named test must notice it."""
    import test_mutants
    from faults import AT_WORK
    from faults_clocks import CLOCKS
    from faults_decide import DECIDED
    from faults_exchange import EXCHANGED
    from faults_letters import LETTERS
    from faults_statements import STATED
    from faults_undo import TAKEN_BACK

    lists = {"at work": AT_WORK, "taking back": TAKEN_BACK, "deciding": DECIDED, "clocks": CLOCKS,
             "letters": LETTERS, "between people": EXCHANGED, "statements": STATED}  # fmt: skip
    names = {mutant.name for mutants in lists.values() for mutant in mutants}
    need(set(NAMED) <= names, f"not seeded: {', '.join(set(NAMED) - names)}")
    found: Counter[str] = Counter()
    for name, mutants in lists.items():
        yield f"{name}: {len(mutants)}"
        for mutant in mutants:
            mutant.check()  # without the defect its test must pass
            said = "caught" if test_mutants.caught(mutant) else "ALIVE"
            found[said] += 1
            yield f"  {said:6}  {mutant.name}"
    yield f"{found['caught']} of {found.total()} caught"
    need(not found["ALIVE"], f"{found['ALIVE']} not caught")


def clocks(show: Show) -> Iterator[str]:
    """What legal rules come to on given days: tests/domain/worked_examples.md, each line computed anew."""
    import test_worked_examples as table

    wrong = []
    for each in table.EXAMPLES:
        found = table.found(each)
        mark = "  " if found == each.due else "≠ "
        wrong += [] if found == each.due else [f"{each.rule} {each.received}"]
        yield f"{mark}{each.rule:18} {each.received:26} {each.zone:18} {found:52} {each.why}"
    yield f"{len(table.EXAMPLES)} examples of {len({each.rule for each in table.EXAMPLES})} rules"
    need(not wrong, f"computed otherwise than the table says: {', '.join(wrong)}")
    need(len(table.EXAMPLES) >= 60, "the table should have at least 60 lines")


def notices(show: Show) -> Iterator[str]:
    """The 3,000 notices: what each has of what the law asks; some decided by script, their statements all valid."""
    (made,) = objects(show.desk.run("import", str(show.data / "notices.jsonl.gz"), "--json"))
    need(made["opened"] == 3000, f"3,000 notices should have become cases, {made['opened']} did")
    show.desk.run("policy", "import", str(show.data / "policies"), "--json")
    found = real.notices(show.desk.store)
    yield from real.filled(found)
    need(all(each.elements for each in found), "each notice should have its elements filled in")
    bare = Counter(each.kind for each in found if not each.asked)
    need(set(bare) <= {"retraction"}, f"no checklist is for {dict(bare)}")
    chosen = real.to_decide(found, WHOLE, LACKING)
    for each in chosen[:3]:
        rows = objects(show.desk.run("checklist", each.ref, "--json"))
        need({row["name"]: row["state"] for row in rows} == each.elements, f"checklist {each.ref} should say the same")
    yield from decided(show, chosen)


def decided(show: Show, chosen: Sequence[real.Notice]) -> Iterator[str]:
    """Whole notices: their items are disabled. Those that lack something: not enough information."""
    desk, refs = show.desk, "\n".join(each.ref for each in chosen)
    need(len(chosen) == DECIDED, f"{DECIDED} notices should be fit to be decided, {len(chosen)} are")
    desk.run("edit", "-", f"harm={HARM}", "--json", text=refs)
    for each in chosen:
        outcome = ("insufficient_information",) if each.lacking else ("violation_action", "--section", SECTION,
                                                                     "--action", "disable")  # fmt: skip
        why = f"It lacks: {', '.join(each.lacking)}." if each.lacking else "The notice has all that is asked for."
        desk.run("decide", each.ref, "--claim", "--outcome", *outcome, "--why", why,
                 "--facts", f"The notice says: {each.words}", "--json")  # fmt: skip
    whole = [each.ref for each in chosen if not each.lacking]
    end = time.monotonic() + WAIT
    while left := objects(desk.run("ls", "--json", "--", "status:decided")):
        need(time.monotonic() < end, f"{len(left)} decisions never took effect")
        time.sleep(1)
    yield f"decided: {len(chosen)}; items disabled {len(whole)}, not enough information {len(chosen) - len(whole)}"
    authors = {item.author.casefold() for each in chosen for item in each.items if item.author}
    yield from stated(desk, whole, authors)


def stated(desk: Desk, refs: Sequence[str], authors: Set[str]) -> Iterator[str]:
    """Statements drafted, mended where they hold personal data, exported."""
    text = "\n".join(refs)
    made = objects(desk.run("sor", "draft", "-", "--json", text=text))
    need(len(made) == len(refs), f"{len(refs)} cases should have statements, {len(made)} have")
    rows = [row for ref in refs for row in objects(desk.run("sor", "list", ref, "--json"))]
    kinds: Counter[str] = Counter()
    mended: Counter[str] = Counter()
    for row in rows:
        kinds.update(f"{each['field']}: {each['kind']}" for each in row["personal_data"])
        personal = [each["words"] for each in row["personal_data"]]
        kinds.update(each for each in row["problems"] if not any(words in each for words in personal))
        if row["problems"]:
            mended.update(mend(desk, row, authors))
    yield f"statements drafted: {len(rows)}; with something to mend: {sum(bool(row['problems']) for row in rows)}"
    yield from (f"  {count:4} {kind}" for kind, count in kinds.most_common())
    yield f"mended: {', '.join(f'{what} {count}' for what, count in mended.most_common()) or 'nothing'}"
    folder = str(desk.store.parent / "statements")
    (out,) = objects(desk.run("sor", "export", folder, "--refs", *refs, "--json", code=None))
    batches = [real.written(Path(file)) for file in out["files"]]
    yield f"exported: {out['statements']} in batches of {', '.join(str(len(each)) for each in batches)}; " \
          f"held back: {out['held_back']}"  # fmt: skip
    need(out["statements"] == len(rows) > 0 and not out["held_back"], "every statement should be valid and leave")
    need(all(len(each) <= 100 for each in batches), "a batch holds at most 100")


def mend(desk: Desk, row: dict[str, Any], authors: Set[str]) -> Iterator[str]:
    """What a person does about personal data: a company's name stays, with the why; all else is withheld."""
    fields, waived = dict(row["fields"]), []
    for told in row["personal_data"]:
        kind, words, field = (str(told[name]) for name in ("kind", "words", "field"))
        keep = kind == "name" and words.casefold() not in authors
        if keep:
            waived.append(f"{words}={KEPT}")
        else:
            fields[field] = fields[field].replace(words, WITHHELD)
        yield f"{kind} {'kept' if keep else 'withheld'}"
    changed = [f"{name}={value}" for name, value in fields.items() if value != row["fields"][name]]
    desk.run("sor", "edit", row["statement"], *(w for c in changed for w in ("--set", c)),
             *(w for c in waived for w in ("--waive", c)), "--json")  # fmt: skip


def precedents(show: Show) -> Iterator[str]:
    """Precedent look-up in a store of 100,000 decided cases; the bar is 50 ms of CPU. Printed, not judged."""
    cases = "2000" if show.quick else "100000"
    done = subprocess.run([sys.executable, "tests/perf/precedents_bench.py", "--cases", cases], cwd=REPOSITORY,
                          capture_output=True, text=True)  # fmt: skip
    yield from done.stdout.splitlines()
    need(done.returncode == 0, f"the measurement broke: {done.stderr[-500:]}")


def story(show: Show) -> Iterator[str]:
    """The real program: an order by mail, from its first hour to the appeal that overturns one line of it."""
    desk = Desk(show.desk.store.parent / "story", show.desk.store.parent / "story-config")
    desk.run("demo", "--no-open")
    yield from order_story.walk(desk, show.desk.store.parent / "papers", hurry=show.quick)


def keys(show: Show) -> Iterator[str]:
    """The jobs by key count in the real program, and every step of deciding on its screens."""
    missing = [each for each in KEY_TESTS if not (REPOSITORY / each).is_file()]
    need(not missing, f"not there: {', '.join(missing)}")
    for each in KEY_TESTS:
        yield each
        yield from suite("-p", "no:xdist", each)(show)


PARTS = {"defects": defects, "clocks": clocks, "notices": notices, "precedents": precedents, "story": story,
         "keys": keys}  # fmt: skip

if __name__ == "__main__":
    sys.exit(first_light.main(PARTS, ("notices.jsonl.gz", "policies"), "Deciding"))
