"""A desk with a known past and a wave in its last week, and with everything a report must not tell.

`fill` works on any open workbench whose person may lead. What must be absent is in `CANARIES`; `HOSTILE` are names that
may be told, and must come out harmless.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from escaltui.config import Config, Me
from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.learning import Measure
from escaltui.workbench import Workbench, insight, report
from escaltui.workbench.seeding import open_demo

DAY = 86_400_000
WAVE, WEEKS = 24, 30
MAYOR = "City of Testville"
BODIES = {"Mayor Ocelotname": MAYOR, "Court <script>alert(1)</script>": "Court of Testville"}
"""The authorities that people write for."""
HOSTILE = "Court <script>alert(1)</script>"
HOSTILE_PRODUCT = "<img src=x onerror=alert(2)> | `code` [x](https://evil.example) \x1b[31m\u202elive"
CANARIES = ("Zebrafinch", "Quokkaword", "Numbatsecret", "Jane Roe", "Account Holder Xu", "Wombatname", "Tapirtitle",
            "Okapigoal", "kosei", "+49 30 1234567", "Ocelotname")  # fmt: skip
"""Words of a normal, a restricted and a privileged case; a private requester; an account; names that people gave to an
incident and a risk; a goal that names somebody; a colleague; a telephone number; who wrote for an
authority."""
QUIET = (("DE", "law_enforcement", "Police", "legal_removal"), ("FR", "user", "Jane Roe", "user_escalation"),
         ("DE", "court", HOSTILE, "court_order"), ("PL", "press", "Daily Jane Roe", "press"))  # fmt: skip


class Filling:
    """Puts operations together, then does them at once."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.ops, self.keys = bench, [], []  # type: ignore[var-annotated]

    def add(self, op: ops.Operation) -> str:
        """One operation; the id of the first thing it makes."""
        self.keys.append(self.bench.operation_id())
        self.ops.append(op)
        return ids.entity_id(self.keys[-1], 0)

    def case(self, back: int, country: str, kind: str, requester: str, case_type: str, *, title: str = "Zebrafinch",
             sensitivity: str = "normal", product: str = "feed") -> str:  # fmt: skip
        """A case that came some milliseconds ago."""
        at = self.bench.now() - back
        reported = self.add(ops.ReceiveReport(
            requester_name=requester, requester_kind=kind, body=f"{title} body", received_at=at, channel="email",
            organisation=BODIES.get(requester, ""),
        ))  # fmt: skip
        item = ops.NewSubject(platform="web", item_id=f"{len(self.ops)}", author="Account Holder Xu",
                              url=f"https://a.example/{len(self.ops)}")  # fmt: skip
        opens = ids.entity_id(self.bench.operation_id(), 0)
        self.add(ops.OpenCase(report=reported, title=title, case_type=case_type, countries=(country,), product=product,
                              subjects=(item,), opens=opens, received_at=at))  # fmt: skip
        if sensitivity != "normal":
            self.add(ops.SetSensitivity(case=opens, sensitivity=sensitivity))
        return opens

    def do(self) -> None:
        """All of them, which must be accepted."""
        for outcome in self.bench.do_many(self.ops, self.keys):
            assert not isinstance(outcome, Refused), outcome
        self.ops, self.keys = [], []


def fill(bench: Workbench, folder: Path, *, product: str = HOSTILE_PRODUCT) -> None:
    """Thirty weeks alike, then a wave from Brazil; then what people make of it."""
    made = Filling(bench)
    for week in range(1, WEEKS):
        for at in range(8 + week % 3):
            made.case(week * 7 * DAY + at * 3_600_000 + DAY // 2, *QUIET[at % 4], product=product if at % 2 else "feed")
    for at in range(9):
        made.case(at * 3_600_000 + 60_000, *QUIET[at % 4], product=product if at < 7 else "feed")
    wave = [made.case(at * 600_000, "BR", "government", "Mayor Ocelotname", "legal_removal") for at in range(WAVE)]
    secret = made.case(60_000, "DE", "court", HOSTILE, "court_order", title="Quokkaword", sensitivity="restricted")
    made.case(60_000, "DE", "court", HOSTILE, "court_order", title="Numbatsecret", sensitivity="privileged")
    made.do()
    _library(bench, folder)
    _made_of_it(bench, made, wave, secret)


def _library(bench: Workbench, folder: Path) -> None:
    text = "# Orders\n\n## Court orders {{#court}}\n\nWe follow a court order {how}. It names the items and the law.\n"
    today = datetime.fromtimestamp(bench.now() / 1000, UTC).date()
    (folder / "orders").mkdir(parents=True)
    for back, how in ((90, "at once"), (3, "once it has been checked by two people")):
        (folder / "orders" / f"{today - timedelta(days=back)}.md").write_text(text.format(how=how))
    bench.import_policies(folder)


def _made_of_it(bench: Workbench, made: Filling, wave: list[str], secret: str) -> None:
    now = bench.now()
    incident = made.add(ops.DeclareIncident(name="Wombatname", summary="Zebrafinch", severity=1, query="country:BR"))
    for case in wave[:12]:
        made.add(ops.JoinIncident(case=case, incident=incident))
    made.add(ops.SetRisk(title="Tapirtitle", likelihood=3, impact=3, review_on=now - DAY))
    made.add(ops.SetRisk(title="Tapirtitle two", likelihood=1, impact=2, review_on=now + 9 * DAY))
    measure = Measure(metric="volume", scope="country:BR", before=12.0, before_n=12)
    told = (
        ("Ask for the court's file number at intake", wave), ("Do what Jane Roe asks", wave),
        ("Call +49 30 1234567 first", wave), ("Quokkaword is to be routed to counsel", [*wave, secret]),
    )  # fmt: skip
    for claim, cases in told:
        key = made.add(ops.Recommend(kind="process", claim=claim, evidence=dict.fromkeys(cases, ""), measure=measure,
                                     due=now + 20 * DAY))  # fmt: skip
        made.add(ops.SettleRecommendation(recommendation=key, state="accepted", measure=measure))
        if claim == told[0][0]:
            made.add(ops.SettleRecommendation(recommendation=key, state="shipped"))
    made.add(ops.Recommend(claim="Tapirtitle, still waiting", evidence={wave[0]: ""}, kind="policy"))
    for name, scope in (("Fewer orders from Brazil", "country:BR"), ("Okapigoal for Jane Roe", 'requester:"x" Okapi')):
        made.add(ops.SetGoal(name=name, due=now + 60 * DAY, measure=Measure(
            metric="volume", scope=scope, before=40.0, before_n=40, wanted=10.0)))  # fmt: skip
    made.do()


def reported(folder: Path, language: str, form: str = report.HTML) -> str:
    """The report of the demo desk with all that on it, in a language."""
    from escaltui import i18n

    config = Config(folder / "settings", me=Me(name="sbauer"), exists=True)
    with open_demo(folder / "store", config, acting_as="sbauer") as bench:
        fill(bench, folder / "policies", product="ads")
        insight.prepare(bench)
        i18n.set_language(language)
        try:
            return report.text(bench, form)
        finally:
            i18n.set_language("en")
