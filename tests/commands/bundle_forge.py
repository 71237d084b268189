"""Tamperings of a bundle, each by name, as somebody would make them who has the file but not the key.

A tampering gets the bytes of a bundle and of another one that the same store signed, and gives the bytes it made.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from escaltui.bundling import container, manifest, signing
from escaltui.bundling.container import Entry, Source
from escaltui.bundling.manifest import MANIFEST, SIGNED, Held

THIEF = b"\x07" * 32
Files = list[tuple[str, bytes]]
TEXT = "case.md"


def files(raw: bytes) -> Files:
    """The files of a bundle, in order."""
    file = io.BytesIO(raw)
    return [(each.name, container.content(file, each)) for each in container.read(file)]


def packed(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A container of files; names may be any."""
    out, entries = io.BytesIO(), []
    for name, body in parts:
        entries.append(Entry(name, len(body), zlib.crc32(body), 0))
        out.write(container.local(name, zlib.crc32(body), len(body)) + body)
    out.write(container.listing(entries, out.tell()))
    return out.getvalue()


def written(parts: Files) -> bytes:
    """A container by the program's own writer."""
    out = io.BytesIO()
    container.write(out, [Source(name, partial(io.BytesIO, body)) for name, body in parts])
    return out.getvalue()


def signed(parts: Files, seed: bytes, **changed: object) -> Files:
    """Manifest and signature made anew by a key."""
    says = manifest.manifest(dict(parts)[MANIFEST])
    held = tuple(Held(name, len(body), container.read(io.BytesIO(packed([(name, body)])))[0].sha256)
                 for name, body in parts if name not in (MANIFEST, SIGNED))  # fmt: skip
    key = signing.public(seed)
    says = msgspec.structs.replace(says, files=held, key=signing.fingerprint(key), **changed)
    raw = manifest.encode(says)
    proof = manifest.encode(manifest.Signed(signing.ALGORITHM, key.hex(), signing.sign(seed, raw).hex()))
    return [(MANIFEST, raw), *[each for each in parts if each[0] not in (MANIFEST, SIGNED)], (SIGNED, proof)]


def put(parts: Files, name: str, body: bytes) -> Files:
    """The same with another body of one."""
    return [(each, body if each == name else was) for each, was in parts]


def _flipped(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def one_bit_of_a_text(raw: bytes, _other: bytes) -> bytes:
    return _flipped(raw, raw.index(dict(files(raw))[TEXT]) + 20)


def a_text_with_its_check_sum_mended(raw: bytes, _other: bytes) -> bytes:
    parts = files(raw)
    return packed(put(parts, TEXT, dict(parts)[TEXT].replace(b"remove", b"ignore").replace(b"S1", b"S4")))


def one_bit_of_an_attachment(raw: bytes, _other: bytes) -> bytes:
    name, body = next(each for each in files(raw) if each[0].startswith("media/"))
    return packed(put(files(raw), name, _flipped(body, len(body) // 2)))


def a_pinned_policy_in_other_words(raw: bytes, _other: bytes) -> bytes:
    name, body = next(each for each in files(raw) if each[0].startswith("policy/"))
    return packed(put(files(raw), name, body + b"\nExcept on Sundays.\n"))


def a_line_out_of_the_timeline(raw: bytes, _other: bytes) -> bytes:
    lines = dict(files(raw))["timeline.jsonl"].splitlines(keepends=True)
    return packed(put(files(raw), "timeline.jsonl", b"".join(lines[:1] + lines[2:])))


def another_reason_in_the_manifest(raw: bytes, _other: bytes) -> bytes:
    body = dict(files(raw))[MANIFEST]
    return packed(put(files(raw), MANIFEST, body.replace(b"court asks", b"press asks")))


def a_text_and_its_hash_in_the_manifest(raw: bytes, _other: bytes) -> bytes:
    parts = put(files(raw), TEXT, b"# Nothing happened\n")
    return packed(put(signed(parts, THIEF), SIGNED, dict(parts)[SIGNED]))


def one_digit_of_the_signature(raw: bytes, _other: bytes) -> bytes:
    body = dict(files(raw))[SIGNED]
    at = body.index(b'"signature"') + 15
    return packed(put(files(raw), SIGNED, body[:at] + (b"0" if body[at : at + 1] != b"0" else b"1") + body[at + 1 :]))


def the_signature_of_another_bundle(raw: bytes, other: bytes) -> bytes:
    return packed(put(files(raw), SIGNED, dict(files(other))[SIGNED]))


def a_text_of_another_bundle(raw: bytes, other: bytes) -> bytes:
    return packed(put(files(raw), "timeline.jsonl", dict(files(other))["timeline.jsonl"]))


def signed_by_another_key(raw: bytes, _other: bytes) -> bytes:
    return packed(signed(put(files(raw), TEXT, b"# Nothing happened\n"), THIEF))


def another_key_beside_the_signature(raw: bytes, _other: bytes) -> bytes:
    body = msgspec.json.decode(dict(files(raw))[SIGNED], type=manifest.Signed)
    changed = msgspec.structs.replace(body, key=signing.public(THIEF).hex())
    return packed(put(files(raw), SIGNED, manifest.encode(changed)))


def signed_by_another_key_that_claims_the_name(raw: bytes, _other: bytes) -> bytes:
    says = manifest.manifest(dict(files(raw))[MANIFEST])
    parts = signed(files(raw), THIEF)
    claimed = manifest.encode(msgspec.structs.replace(manifest.manifest(dict(parts)[MANIFEST]), key=says.key))
    proof = manifest.Signed(signing.ALGORITHM, signing.public(THIEF).hex(), signing.sign(THIEF, claimed).hex())
    return packed(put(put(parts, MANIFEST, claimed), SIGNED, manifest.encode(proof)))


def the_signature_taken_out(raw: bytes, _other: bytes) -> bytes:
    return packed(files(raw)[:-1])


def the_signature_emptied(raw: bytes, _other: bytes) -> bytes:
    return packed(put(files(raw), SIGNED, manifest.encode(manifest.Signed(signing.ALGORITHM, "", ""))))


def a_file_taken_out(raw: bytes, _other: bytes) -> bytes:
    return packed(each for each in files(raw) if each[0] != "letters.json")


def a_file_put_in(raw: bytes, _other: bytes) -> bytes:
    return packed([*files(raw)[:-1], ("readme.txt", b"Trust me."), files(raw)[-1]])


def the_same_name_twice(raw: bytes, _other: bytes) -> bytes:
    return packed([*files(raw)[:-1], (TEXT, b"# Nothing happened\n"), files(raw)[-1]])


def an_absolute_path(raw: bytes, _other: bytes) -> bytes:
    return packed([*files(raw)[:-1], ("/etc/passwd", b"x"), files(raw)[-1]])


def a_path_above(raw: bytes, _other: bytes) -> bytes:
    return packed([*files(raw)[:-1], ("media/../../.profile", b"x"), files(raw)[-1]])


def a_path_with_backslashes(raw: bytes, _other: bytes) -> bytes:
    return packed([*files(raw)[:-1], ("..\\..\\run.bat", b"x"), files(raw)[-1]])


def another_order(raw: bytes, _other: bytes) -> bytes:
    first, one, two, *rest = files(raw)
    return packed([first, two, one, *rest])


def a_bomb(raw: bytes, _other: bytes) -> bytes:
    """A file that would inflate a thousandfold, rightly listed."""
    body = zlib.compress(bytes(10_000_000), 9)[2:-4]
    head = bytearray(container.local("bomb.json", zlib.crc32(bytes(10_000_000)), len(body)))
    struct.pack_into("<H", head, 8, 8)
    struct.pack_into("<L", head, 22, 10_000_000)
    return bytes(head) + body + raw


def something_behind(raw: bytes, _other: bytes) -> bytes:
    return raw + b"#!/bin/sh\n"


def a_second_archive_behind(raw: bytes, other: bytes) -> bytes:
    return raw + other


def something_before(raw: bytes, _other: bytes) -> bytes:
    return b"#!/bin/sh\n" + raw


def a_comment(raw: bytes, _other: bytes) -> bytes:
    return raw[:-2] + struct.pack("<H", 5) + b"hello"


def another_name_in_the_list(raw: bytes, _other: bytes) -> bytes:
    at = raw.rindex(TEXT.encode())
    return raw[:at] + b"face.md" + raw[at + len(TEXT) :]


def a_file_that_the_list_leaves_out(raw: bytes, _other: bytes) -> bytes:
    start = raw.index(b"PK\1\2")
    body = container.local("hidden.txt", zlib.crc32(b"x"), 1) + b"x"
    end = bytearray(raw[start:])
    struct.pack_into("<L", end, len(end) - 6, start + len(body))
    return raw[:start] + body + bytes(end)


def another_time(raw: bytes, _other: bytes) -> bytes:
    return raw[:12] + b"\x22\x00" + raw[14:]


def a_link_in_place_of_a_file(raw: bytes, _other: bytes) -> bytes:
    at = raw.index(b"PK\1\2")
    return raw[: at + 38] + struct.pack("<L", 0o120777 << 16) + raw[at + 42 :]


def an_extra_field(raw: bytes, _other: bytes) -> bytes:
    name = MANIFEST.encode()
    assert raw[30 : 30 + len(name)] == name
    return raw[:28] + struct.pack("<H", 4) + raw[30 : 30 + len(name)] + b"\xfe\xca\0\0" + raw[30 + len(name) :]


def a_wrong_check_sum(raw: bytes, _other: bytes) -> bytes:
    parts = files(raw)
    out, entries = io.BytesIO(), []
    for name, body in parts:
        crc = zlib.crc32(body) ^ (name == TEXT)
        entries.append(Entry(name, len(body), crc, 0))
        out.write(container.local(name, crc, len(body)) + body)
    return out.getvalue() + container.listing(entries, out.tell())


def cut_short(raw: bytes, _other: bytes) -> bytes:
    return raw[: len(raw) * 2 // 3]


def cut_at_the_end(raw: bytes, _other: bytes) -> bytes:
    return raw[:-1]


def a_size_beyond_the_end(raw: bytes, _other: bytes) -> bytes:
    return raw[:18] + struct.pack("<2L", 1 << 31, 1 << 31) + raw[26:]


def blanks_in_the_signature_file(raw: bytes, _other: bytes) -> bytes:
    return packed(put(files(raw), SIGNED, dict(files(raw))[SIGNED] + b"\n"))


def a_key_said_twice(raw: bytes, _other: bytes) -> bytes:
    body = dict(files(raw))[SIGNED]
    return packed(put(files(raw), SIGNED, body.replace(b"{", b'{"algorithm":"none",', 1)))


TAMPERINGS: dict[Callable[[bytes, bytes], bytes], str] = {
    one_bit_of_a_text: "changed", a_text_with_its_check_sum_mended: "changed", one_bit_of_an_attachment: "changed",
    a_pinned_policy_in_other_words: "changed", a_line_out_of_the_timeline: "changed",
    a_text_of_another_bundle: "changed", another_reason_in_the_manifest: "signature",
    a_text_and_its_hash_in_the_manifest: "key", one_digit_of_the_signature: "signature",
    the_signature_of_another_bundle: "signature", signed_by_another_key: "another key",
    another_key_beside_the_signature: "key", signed_by_another_key_that_claims_the_name: "key",
    the_signature_taken_out: "unsigned", the_signature_emptied: "signature", a_file_taken_out: "missing",
    a_file_put_in: "more", the_same_name_twice: "twice", an_absolute_path: "path", a_path_above: "path",
    a_path_with_backslashes: "path", another_order: "order", a_bomb: "packed", something_behind: "behind",
    a_second_archive_behind: "behind", something_before: "foreign", a_comment: "behind",
    another_name_in_the_list: "list", a_file_that_the_list_leaves_out: "list", another_time: "facts",
    a_link_in_place_of_a_file: "list", an_extra_field: "facts", a_wrong_check_sum: "facts", cut_short: "short",
    cut_at_the_end: "short", a_size_beyond_the_end: "short", blanks_in_the_signature_file: "unreadable",
    a_key_said_twice: "unreadable",
}  # fmt: skip
"""Each with the check that finds it first."""
