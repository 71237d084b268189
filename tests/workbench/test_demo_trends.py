"""The demo desk has a past: its trends tell what was planted, and of the rest that it is as usual."""

from __future__ import annotations

from escaltui.demo.past import NOVELTY, RISE
from escaltui.insight.series import GAP, LEAST
from escaltui.insight_faces import NOVEL, SPIKE, USUAL
from escaltui.workbench import insight


def test_what_was_planted_comes_up_and_little_else(open_demo):
    bench = open_demo()
    assert 300 < bench.count("is:open") + bench.count("-is:open") == bench.store.count(None)
    assert 180 <= bench.count("is:open") <= 240
    insight.prepare(bench)
    page = insight.page(bench, "requester", 2000)
    assert len(page.lines[0].windows) >= LEAST + GAP + 1
    rose = {each.value.value: each for each in page.lines if each.verdict != USUAL}
    assert set(rose) == {RISE.sender.name, NOVELTY.sender.name}  # the control: hundreds of others have not
    assert page.dimmed == 0
    assert (rose[RISE.sender.name].verdict, rose[NOVELTY.sender.name].verdict) == (SPIKE, NOVEL)
    assert not any(each.part for each in rose.values())
    whole = insight.page(bench, "", 2000)
    heads = [each for each in whole.lines if each.verdict in (SPIKE, NOVEL) and not each.part]
    assert {each.dim for each in heads[:2]} & {"requester"}
    assert len(heads) < 0.02 * whole.series
