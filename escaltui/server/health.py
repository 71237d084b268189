"""What whoever runs the backend asks it: whether it lives, whether it can work, what it counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import psycopg
from psycopg_pool import PoolTimeout
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from escaltui.server import metrics
from escaltui.server.desk import Desk
from escaltui.server.limits import Limits
from escaltui.server.people import Caller
from escaltui.server.problems import BUSY

READY_WITHIN = 2.0
_POOL = {
    "pool_size": "escaltui_pool_connections",
    "pool_available": "escaltui_pool_idle",
    "requests_waiting": "escaltui_pool_waiting",
}


class Health:
    """Three routes. `caller` knows whoever asks, or raises Problem."""

    def __init__(self, desk: Desk, limits: Limits, caller: Callable[[Request, str], Awaitable[Caller]]) -> None:
        self._desk, self._limits, self._caller = desk, limits, caller

    async def alive(self, request: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """The database answers. Raises Problem."""

        def look() -> None:
            with self._desk.pool.connection(timeout=READY_WITHIN) as connection:
                connection.execute("SELECT 1 FROM head LIMIT 1")

        try:
            await run_in_threadpool(look)
        except (psycopg.Error, PoolTimeout) as error:
            raise BUSY from error
        return PlainTextResponse("ok\n")

    async def measured(self, request: Request) -> Response:
        """What Prometheus gathers; its token has the scope `metrics`."""
        await self._caller(request, "metrics")
        found = self._desk.pool.get_stats()
        gauges = {name: float(found.get(key, 0)) for key, name in _POOL.items()}
        gauges[metrics.CHANNELS] = float(self._limits.channels.total)
        return PlainTextResponse(self._desk.metrics.text(gauges), media_type=metrics.TEXT)
