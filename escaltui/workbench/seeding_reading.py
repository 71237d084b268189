"""What was read of the demo desk's policies: most of it by everybody; three new versions not yet, one of them late."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from escaltui.demo.people import people
from escaltui.domain.operations import AcknowledgeVersion, Operation, ReadSections
from escaltui.policy.library import SUBSTANTIVE, in_force
from escaltui.store import Done, Who, policies, readings
from escaltui.workbench.library import today

if TYPE_CHECKING:
    from collections.abc import Callable

    from escaltui.policy.library import Version
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

NEW = frozenset({"requests-bulletin", "desk-bulletin", "government-requests"})
"""Documents whose newest version in force nobody has read whole yet."""
EAGER = frozenset({"lpark", "akim"})
"""Who has acknowledged those versions already."""


def seed(bench: Workbench, now: int, device: str, note: str, op_id: Callable[[str], str]) -> None:
    """Write receipts and acknowledgements for the people of the demo. A refusal is a defect: AssertionError."""
    sections, asking = bench.store.read(lambda connection: _read(bench, connection))
    for person in people():
        who = Who(person.name, frozenset(person.roles), device, note)
        for place, op in enumerate(_ops(person.name, sections, asking, person.name in EAGER)):
            done = bench.store.do(op, who, now, bench.rules, op_id=op_id(f"read/{person.name}/{place}"))
            assert isinstance(done, Done), done


def _ops(
    person: str, sections: dict[str, str], asking: list[tuple[str, str, bool]], eager: bool
) -> Iterator[Operation]:  # fmt: skip
    yield ReadSections(person=person, sections=sections)
    for document, version, new in asking:
        if eager or not new:
            yield AcknowledgeVersion(person=person, document=document, version=version)


def _read(bench: Workbench, connection: Connection) -> tuple[dict[str, str], list[tuple[str, str, bool]]]:
    """Section -> the words that were read; and the versions in force that ask to be acknowledged, and whether new."""
    stands, day = readings.stands(connection), today(bench)
    sections: dict[str, str] = {}
    asking = []
    for document in policies.documents(connection):
        held = [v for v in policies.versions_of(connection, document.key) if v.kind == SUBSTANTIVE and v.day <= day]
        now = in_force(tuple(held), day)
        if now is None:
            continue
        read = _before(held, now) if document.key in NEW else now
        stood = stands.get((document.key, read.version), {}) if read else {}
        sections |= {section: stand.text_sha256 for section, stand in stood.items()}
        if now.must_ack:
            asking.append((document.key, now.version, document.key in NEW))
    return sections, asking


def _before(held: list[Version], now: Version) -> Version | None:
    """The version before the one in force."""
    return in_force(tuple(v for v in held if v != now), now.day)
