"""Kinto as a process, run by the Python of its own virtual environment: `kinto_server.py DATABASE-URL`.

History, permissions and sign-in (accounts, HTTP Basic) are on. Says where it listens as a line of JSON.
"""

import json
import sys

import waitress
from kinto import main as kinto  # type: ignore[import-not-found]
from kinto.core.scripts import migrate  # type: ignore[import-not-found]
from pyramid.config import Configurator  # type: ignore[import-not-found]

THREADS = 16
"""As many as our server has connections to the database."""


def settings(url: str) -> dict[str, str]:
    """As its documentation says for PostgreSQL; what may be kept in memory is, so that it has less to do."""
    backend = "kinto.core.{}.postgresql"
    return {
        "kinto.includes": "kinto.plugins.accounts kinto.plugins.history",
        "kinto.storage_backend": backend.format("storage"),
        "kinto.storage_url": url,
        "kinto.permission_backend": backend.format("permission"),
        "kinto.permission_url": url,
        "kinto.cache_backend": "kinto.core.cache.memory",
        "kinto.userid_hmac_secret": "of the bench alone",
        "multiauth.policies": "account",
        "multiauth.policy.account.use": "kinto.plugins.accounts.AccountsPolicy",
        "kinto.account_cache_ttl_seconds": "3600",
        "kinto.account_create_principals": "system.Everyone",
        "kinto.bucket_create_principals": "system.Authenticated",
        "kinto.batch_max_requests": "25",
    }


def main() -> None:
    """Make its tables, then serve until we are told to end."""
    from kinto.authorization import RouteFactory  # type: ignore[import-not-found]

    config = Configurator(settings=settings(sys.argv[1]), root_factory=RouteFactory)
    app = kinto({}, config=config)
    migrate({"registry": config.registry})
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    print(json.dumps({"url": f"http://127.0.0.1:{server.effective_port}/v1"}), flush=True)
    server.run()


if __name__ == "__main__":
    main()
