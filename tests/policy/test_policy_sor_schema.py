"""The schema of statements of reasons as a file: read whole, or refused in words."""

from __future__ import annotations

import pytest

from escaltui.policy.library import PolicyError
from escaltui.policy.sor_schema import packaged_schema, read_schema

SMALL = 'schema = "x"\nbatch = 2\none_of = ["a"]\n[field.a]\nvalues = ["A", "B"]\n[field.b]\nvalues_of = "a"\n'


def test_the_packaged_schema_is_of_july_2025() -> None:
    schema = packaged_schema()
    assert (schema.schema, schema.batch, len(schema.field)) == ("2025-07-01", 100, 35)


def test_a_field_may_have_the_values_of_another() -> None:
    assert read_schema(SMALL).values("b") == ("A", "B")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[", "no schema of statements"),
        (SMALL + "limits = 3\n", "limits"),
        (SMALL.replace("batch = 2\n", ""), "batch"),
        (SMALL + 'exactly = { field = "c", value = "A" }\n', "there is no field c"),
        (SMALL.replace('one_of = ["a"]', 'one_of = ["d"]'), "there is no field d"),
    ],
)
def test_a_schema_that_cannot_be_used_is_told(text: str, told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        read_schema(text)
