"""Places where files are kept, looked at from outside: a folder, and a bucket of moto's; and one that refuses."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from escaltui.server.blob_keepers import Folder
from escaltui.server.blob_s3 import S3

BUCKET = "files-of-tests"


class Ground:
    """A keeper over one place, as often as there are processes; and what lies there."""

    def __init__(self, make: Any, held: Any) -> None:
        self.make, self._held = make, held

    def lies(self, data: bytes) -> list[str]:
        """The names under which some bytes lie."""
        return [name for name, content in self._held() if data in content]


def of_folder(folder: Path) -> Ground:
    def held() -> list[tuple[str, bytes]]:
        return [(each.name, each.read_bytes()) for each in folder.rglob("*") if each.is_file()]

    return Ground(lambda: Folder(folder), held)


def of_bucket(endpoint: str, prefix: str) -> Ground:
    client = S3(BUCKET, prefix, endpoint)._client

    def held() -> list[tuple[str, bytes]]:
        listed = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())
        found = [(each["Key"], client.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()) for each in listed]
        making = client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", ())
        return found + [(each["Key"], b"being made") for each in making]

    return Ground(lambda: S3(BUCKET, prefix, endpoint), held)


REFUSAL = "<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"


@contextmanager
def refusing(store: str, code: str, status: int) -> Iterator[str]:
    """A store that reads what `store` has, and refuses whatever is written."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = httpx.get(f"{store}{self.path}", headers={"authorization": self.headers["authorization"]})
            self._answer(found.status_code, found.content)

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer(status, REFUSAL.format(code=code).encode())

        do_POST = do_DELETE = do_PUT

        def _answer(self, number: int, body: bytes) -> None:
            self.send_response(number)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing is told."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
