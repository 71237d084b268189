"""What a workbench and its server say to each other: plain values, the same on both sides (protocol 1).

Every message states where the sender stands, so that a server that lost its tail is recognised by a hash that differs.
Unknown fields are left aside by whoever reads; what is stored of a change is the very text that was hashed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import msgspec

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.operations import OPERATIONS, Operation

PROTOCOL = 1
OPS_AT_ONCE = 200
BYTES_AT_ONCE = 1 << 20
"""A push holds no more operations and no more bytes, packed or not."""
CHANGES_AT_ONCE = 1000
Stream = str


class Stand(msgspec.Struct, frozen=True):
    """How far a stream has come on a side: the number of its last change, and the hash there (zeros for none)."""

    seq: int = 0
    hash: str = "0" * 64


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """An operation under way. `needs`: ids of operations that must have been accepted before it. `at` is when it was
    asked for, in milliseconds, by the device's clock: it is logged, and no rule looks at it but where it is `imported`:
    done before the store followed this server."""

    op_id: str
    op: msgspec.Raw
    at: int = 0
    needs: tuple[str, ...] = ()
    imported: bool = False


class Push(msgspec.Struct, frozen=True):
    """Operations for one stream, in order, by someone who stands there. `after`: the last operation of theirs that was
    accepted there and whose changes have not come yet; a server that does not know it lost the end of its log."""

    stand: Stand
    ops: tuple[Sent, ...]
    after: str = ""


class Result(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a pushed operation.

    applied: `seqs` are the first and last numbers of its changes by stream. refused: `refused` says why and how to
    mend it. skipped: `code` is the operation it needed. moved: `code` is the stream its case lives in now. failed:
    the server's fault; it may be sent again.
    """

    op_id: str
    status: Literal["applied", "refused", "skipped", "moved", "failed"]
    seqs: dict[Stream, tuple[int, int]] = {}
    refused: Refused | None = None
    code: str = ""


class Pushed(msgspec.Struct, frozen=True):
    """The results of a push, one for each operation, in order."""

    results: tuple[Result, ...]


class Pulled(NamedTuple):
    """One change as the log keeps it, in the order of its columns; `salt` and `body` are None once redacted, or where
    its case lies in a stream that the reader may not see."""

    stream: str
    seq: int
    at: int
    made_at: int
    actor: str
    device: str
    op_id: str
    verb: str
    entity: str
    entity_id: str
    case_id: str
    action: str
    rev: int
    rules_hash: str
    digest: str
    hash: str
    salt: str | None
    body: str | None


class Pull(msgspec.Struct, frozen=True):
    """What is asked for: the changes after each stand; streams that are not named are not read."""

    stands: dict[Stream, Stand]
    limit: int = CHANGES_AT_ONCE


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """Changes of one stream after `after`, in order; `head` is the last number there is. `gone`: no longer allowed.
    `refill`: too far behind, or the stand is not ours: fill the stream anew. `forked`: the latter."""

    stream: Stream
    after: int = 0
    head: int = 0
    changes: tuple[Pulled, ...] = ()
    gone: bool = False
    refill: bool = False
    forked: bool = False


class Me(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who a token stands for: the login that the log names, their roles, and the streams they may read."""

    person: str
    name: str = ""
    roles: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()
    desks: tuple[str, ...] = ()
    device: str = ""


class About(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a server is: its protocols, limits, sign-in, and its clock (milliseconds)."""

    name: str = "escaltui"
    version: str = ""
    protocols: tuple[int, ...] = (PROTOCOL,)
    now: int = 0
    rules_hash: str = ""
    issuer: str = ""
    client_id: str = ""
    require_encrypted_store: bool = False
    max_body: int = BYTES_AT_ONCE


class SigningIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a provider of identities said of somebody (an ID token), the `nonce` that it was asked with, and the device
    that our own token will be for."""

    id_token: str
    device: str
    nonce: str = ""


class SignedIn(msgspec.Struct, frozen=True):
    """Our own token, told this once; whose, and until when (milliseconds)."""

    token: str
    person: str
    until: int


class SignedOut(msgspec.Struct, frozen=True):
    """Whether the token is at an end now. One that was not made by signing in is not ended by signing out."""

    ended: bool


class Claiming(msgspec.Struct, frozen=True):
    """The top of a person's own list: the first free one is theirs."""

    op_id: str
    candidates: tuple[str, ...]


class Claimed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The case that was given (its id), or "" and why not the others."""

    case: str = ""
    fence: int = 0
    until: int = 0
    refused: Refused | None = None


class Beat(msgspec.Struct, frozen=True):
    """Claims that go on: the fence that each was given with, by case."""

    leases: dict[str, int]


class Beaten(msgspec.Struct, frozen=True, omit_defaults=True):
    """Until when each claim lasts now, and those that were lost."""

    until: dict[str, int] = {}
    lost: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True):
    """Operations of which somebody does not know whether they arrived."""

    op_ids: tuple[str, ...]


class Known(msgspec.Struct, frozen=True):
    """Those of them that did, with their results."""

    results: tuple[Result, ...] = ()


class Row(msgspec.Struct, frozen=True, tag_field="line", tag="row"):
    """A row of a snapshot: its kind, its id, and its text as kept."""

    entity: str
    id: str
    body: msgspec.Raw


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="line", tag="head"):
    """The head of a snapshot: the stand that its rows are at least as new as. `since`: closed cases that were left
    alone since before then (milliseconds) are not in it; whoever resumes says it again."""

    stream: Stream
    stand: Stand
    since: int = 0


class Mark(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="line", tag="mark"):
    """All lines so far hold together and may be kept; what follows is asked for by `after`. `end`: nothing follows."""

    after: str
    end: bool = False


SnapshotLine = Snapshot | Row | Mark | Pulled


BLOB_MOST = 256 << 20
BLOB_PART = 8 << 20
"""The bytes of the largest file, and of the largest part that one is sent in."""


class BlobWanted(msgspec.Struct, frozen=True):
    """A file that somebody has and wants to bring: its hash, its bytes, the stream of a case that names it."""

    sha256: str
    size: int
    stream: Stream


class BlobUpload(msgspec.Struct, frozen=True, omit_defaults=True):
    """`exists`: it is there, and whoever asks may read it. Else it is sent to `upload`, from `offset` on."""

    exists: bool = False
    upload: str = ""
    offset: int = 0


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a server says where it does nothing: a code, a sentence, how to mend it, and the request's id."""

    code: str
    reason: str
    mend: str = ""
    request: str = ""


_KINDS = msgspec.json.Decoder(dict[str, Any])


def operation(raw: bytes | msgspec.Raw) -> Operation:
    """An operation as it was sent. Raises ValueError for one that is not known here or does not hold together."""
    try:
        kind = _KINDS.decode(raw).get("type")
        if not isinstance(kind, str) or kind not in OPERATIONS:
            raise ValueError(f"there is no operation {kind!r}")
        return _reader(kind).decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error


_READERS: dict[str, msgspec.json.Decoder[Operation]] = {}


def _reader(kind: str) -> msgspec.json.Decoder[Operation]:
    if kind not in _READERS:
        _READERS[kind] = msgspec.json.Decoder(OPERATIONS[kind])
    return _READERS[kind]


def claim_id(op_id: str, n: int) -> str:
    """The id of the claim of the n-th candidate: the same at each try, so that a repeated one gives the same case."""
    return op_id if n == 0 else ids.entity_id(op_id, 1000 + n)


def lines(values: Iterable[msgspec.Struct]) -> bytes:
    """Values as lines of JSON."""
    return msgspec.json.Encoder().encode_lines(list(values))
