"""The description of the backend's HTTP: of every address, and of nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from starlette.routing import Route

from escaltui.domain import wire
from escaltui.server import app, openapi
from escaltui.server.api import Api
from escaltui.server.desk import Desk
from escaltui.server.limits import Limits
from escaltui.server.pokes import Pokes


@pytest.fixture
def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(openapi.text("1.2.3"))
    return found


def addresses(routes: list[Route]) -> set[tuple[str, str]]:
    return {(route.path, method.lower()) for route in routes for method in (route.methods or set()) - {"HEAD"}}


@pytest.fixture
def routes() -> list[Route]:
    desk: Desk = Desk(None, None)  # type: ignore[arg-type]
    return app.routes(Api(desk, Pokes(lambda: None), "", Limits()))  # type: ignore[arg-type,return-value]


def test_every_route_is_described_and_every_description_is_a_route(
    described: dict[str, Any], routes: list[Route]
) -> None:
    told = {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert told == addresses(routes)
    assert len(openapi.ENDPOINTS) == len(told)


def test_a_route_without_a_description_is_found(described: dict[str, Any], routes: list[Route]) -> None:
    more = [*routes, Route("/v1/secret", lambda request: None)]
    told = {(path, method) for path, methods in described["paths"].items() for method in methods}
    assert addresses(more) - told == {("/v1/secret", "get")}


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from refs(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from refs(inner)


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    found = set(refs(described))
    assert found
    for ref in found:
        node: Any = described
        for step in ref.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def test_operations_have_names_of_their_own_and_say_what_may_go_wrong(described: dict[str, Any]) -> None:
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for path, methods in described["paths"].items():
        for method, each in methods.items():
            assert set(each["responses"]) >= {"200", "400", "426", "500", "503"}
            assert ("requestBody" in each) == (method in ("post", "patch"))
            named = {one["name"] for one in each["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))
            assert ("401" in each["responses"]) == ("security" in each)
    assert described["info"]["version"] == "1.2.3"


def test_the_description_is_of_what_is_read(described: dict[str, Any]) -> None:
    schema = described["components"]["schemas"]["Push"]
    assert set(schema["properties"]) == set(wire.Push.__struct_fields__)
    assert set(schema["required"]) == {"stand", "ops"}
    assert msgspec.json.decode(b'{"stand": {}, "ops": []}', type=wire.Push) == wire.Push(wire.Stand(), ())
