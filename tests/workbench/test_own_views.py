"""A person's own views: kept in their file, which is never harmed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui.config import Config, ConfigError, Me
from escaltui.domain.query.tree import QueryError
from escaltui.domain.query.views import View, ViewsError, parse_views
from escaltui.workbench import Workbench
from escaltui.workbench.own_views import named, own_views, save

HAND_WRITTEN = """# My views, in the order of my morning

[[view]]
key = "6"
id = "mine-fr"  # the French desk
title = { en = "Mine, French", fr = "Les miens" }
query = "is:open owner:me lang:fr"

[[view]]
id = "old"
title = "Old"
query = "is:open age>7d"
sort = "age"
"""


def test_a_view_is_added_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "views.toml"
    file.write_text(HAND_WRITTEN)
    save(file, named("Press, in French!", 'type:press requester:"A B"', "due"))
    text = file.read_text()
    assert text.startswith(HAND_WRITTEN.rstrip())
    assert parse_views(text, "")[-1] == View(
        "press-in-french", {"en": "Press, in French!"}, 'type:press requester:"A B"', "due"
    )


def test_a_view_of_the_same_name_gives_way_and_keeps_its_key(tmp_path: Path) -> None:
    file = tmp_path / "views.toml"
    file.write_text(HAND_WRITTEN)
    save(file, named("Mine FR", "is:open lang:fr", "queue"))
    found, fault = own_views(file)
    assert fault == ()
    assert [(view.id, view.key, view.query) for view in found] == [
        ("old", "", "is:open age>7d"), ("mine-fr", "6", "is:open lang:fr"),
    ]  # fmt: skip
    assert "in the order of my morning" in file.read_text()


@given(name=st.text(max_size=60), query=st.sampled_from(["", "is:open", 'requester:"x é 東"', "lang:fr due<4h"]))
def test_whatever_the_name_what_is_saved_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, name: str, query: str
) -> None:
    file = tmp_path_factory.mktemp("views") / "views.toml"
    try:
        made = named(name, query, "queue")
    except ConfigError:
        assert not any(c.isalnum() for c in name)
        return
    assert save(file, made) == own_views(file)[0] == (made,)


@pytest.mark.parametrize("text", ["[[view]]\nid = 'a'\ntitel = 'b'\n", "views = 1\n", "[[view]\n"])
def test_a_file_that_is_wrong_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "views.toml"
    file.write_text(text)
    with pytest.raises(ViewsError):
        save(file, named("press", "type:press", "queue"))
    assert file.read_text() == text


def test_a_file_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file, where the folder should be")
    with pytest.raises(ConfigError, match="could not be kept"):
        save(tmp_path / "config" / "views.toml", named("press", "type:press", "queue"))


def test_the_desk_lists_it_now_and_after_a_restart(tmp_path: Path) -> None:
    config = Config(tmp_path / "config", me=Me("rmarin"), exists=True)
    for _run in range(2):
        bench = Workbench.open(tmp_path / "store", config=config)
        if _run == 0:
            made = bench.save_view("Press in French", "is:open type:press lang:fr", "due")
            assert (made.id, made.sort) == ("press-in-french", "due")
            with pytest.raises(QueryError):
                bench.save_view("Bad", "foo:bar")
        assert [view.id for view in bench.views()][-1] == "press-in-french"
        assert "press-in-french" in bench.view_counts()
        bench.close()
