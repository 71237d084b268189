"""Difficult mails made by hand, each with where it must go and what must be said of it. All names are made up."""

from __future__ import annotations

import base64

from mail_plan import Goes, Sample

FROM = b"From: Ines Talvik <ines@lea.example>\r\nTo: desk@commonlea.example\r\nDate: Mon, 1 Jun 2026 10:00:00 +0200\r\n"
MULTI = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="cut"\r\n'
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease look at our page.\r\n"


def mail(key: str, *, subject: bytes = b"Our page", above: bytes = b"", body: bytes = b"\r\nPlease look.\r\n") -> bytes:
    """A mail; `body` with the headers that are its own, its first empty line in it."""
    named = b"Message-ID: <" + key.encode() + b">\r\n" if key else b""
    return above + FROM + named + b"Subject: " + subject + b"\r\n" + body


def bounce(key: str, of: str, action: bytes = b"failed") -> bytes:
    """A report of delivery (RFC 3464) that gives the headers of a letter back."""
    above = b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n"
    kind = b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=cut\r\n\r\n"
    told = b"--cut\r\n\r\nYour mail could not be delivered.\r\n--cut\r\nContent-Type: message/delivery-status\r\n\r\n"
    status = b"Reporting-MTA: dns; mx.lowmere.example\r\n\r\nFinal-Recipient: rfc822; jo@lea.example\r\nAction: "
    status += action + b"\r\nStatus: 5.1.1\r\n\r\n--cut\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <"
    return mail(
        key, subject=b"Undelivered Mail", above=above, body=kind + told + status + of.encode() + b">\r\n--cut--\r\n"
    )


def nested(depth: int) -> bytes:
    """Mails in mails, the innermost with a file."""
    inner = mail(
        f"inner{depth}@lea.example",
        body=MULTI + b"\r\n--cut\r\n" + PLAIN + b"--cut\r\nContent-Type: image/png\r\n"
        b"Content-Disposition: attachment; filename=a.png\r\n\r\nnot a picture\r\n--cut--\r\n",
    )
    for each in range(depth):
        cut = f"cut{each}".encode()
        head = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="' + cut + b'"\r\n\r\n--' + cut + b"\r\n"
        inner = mail(
            f"nested{each}@lea.example",
            body=head
            + PLAIN
            + b"--"
            + cut
            + b"\r\nContent-Type: message/rfc822\r\n\r\n"
            + inner
            + b"\r\n--"
            + cut
            + b"--\r\n",
        )
    return inner


def large(size: int) -> bytes:
    """A mail with one file of so many bytes."""
    content = base64.encodebytes(bytes(range(256)) * (size // 256)).replace(b"\n", b"\r\n")
    file = b"--cut\r\nContent-Type: video/mp4\r\nContent-Transfer-Encoding: base64\r\n"
    file += b"Content-Disposition: attachment; filename=film.mp4\r\n\r\n" + content + b"--cut--\r\n"
    return mail("large@lea.example", body=MULTI + b"\r\n--cut\r\n" + PLAIN + file)


def hard(ours: list[str], size: int = 30 << 20) -> list[Sample]:
    """The difficult mails in their order. `ours`: Message-IDs of eight letters that we sent."""
    return [*_names(), *_broken(), *_large(ours, size), *_programs(ours)]


def _case(name: str, key: str, content: bytes, files: int = 0, says: str = "") -> Sample:
    return Sample(content, "case", key, key, files, name, says)


def _names() -> list[Sample]:
    """Message-IDs that are missing, given twice, or too long."""
    without, long = mail("", body=b"\r\nI have no Message-ID.\r\n"), "a" * 3000 + "@lea.example"
    first = mail("twice@lea.example")
    second = mail("twice@lea.example", body=b"\r\nQuite another request.\r\n")
    known: Goes = "known"
    return [
        _case("no Message-ID", "", without, says="no Message-ID"),
        Sample(b"Received: by mx2\r\nReturn-Path: <ines@lea.example>\r\n" + without, known, name="and again"),
        _case("first under an ID", "twice@lea.example", first),
        Sample(second, "case", "", "", 0, "other content under it", "Another mail with this Message-ID"),
        Sample(second, known, name="the other content again"),
        Sample(first, known, name="the first again"),
        _case("a Message-ID of 3,000 characters", long, mail(long)),
        _case(
            "5,000 references to nothing",
            "refs@lea.example",
            mail(
                "refs@lea.example",
                above=b"References: " + b"\r\n ".join(b"<r%d@x.example>" % n for n in range(5000)) + b"\r\n",
            ),
        ),
    ]


def _broken() -> list[Sample]:
    """Bytes that are not as they say."""

    def one(name: str, body: bytes, files: int = 0, says: str = "", **more: bytes) -> Sample:
        key = f"{name.replace(' ', '-')}@lea.example"
        return _case(name, key, mail(key, body=body, **more), files, says)

    unended = MULTI + b"\r\n--cut\r\n" + PLAIN + b"--cut\r\nContent-Type: image/png\r\n"
    unended += b"Content-Disposition: attachment; filename=a.png\r\n\r\nhalf a pict"
    wicked = MULTI + b"\r\n--cut\r\n" + PLAIN + b"--cut\r\nContent-Type: application/pdf\r\n"
    wicked += b'Content-Disposition: attachment; filename="../../etc/\xe2\x80\xaefdp.exe"\r\n\r\nx\r\n--cut--\r\n'
    return [
        one(
            "wrong charset", b"Content-Type: text/plain; charset=utf-8\r\n\r\nCaf\xe9 ferm\xe9\r\n", says="Windows-1252"
        ),
        one("unknown charset", b"Content-Type: text/plain; charset=x-none\r\n\r\nPlease look\r\n"),
        one("no end of a multipart", unended, 1),
        one(
            "no boundary",
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\nPlease look\r\n",
            1,
            says="not well formed",
        ),
        one(
            "broken base64",
            b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!UGxlYXNl=IGxvb2s\r\n",
        ),
        one("broken quoted-printable", b"Content-Transfer-Encoding: quoted-printable\r\n\r\nPlease =ZZ look =\r\n"),
        one("only HTML", b"Content-Type: text/html\r\n\r\n<p>Please <b>look</b></p><script>x()</script>\r\n"),
        one("no text at all", b"\r\n", says="no text"),
        one(
            "raw bytes in the subject", b"\r\nPlease look\r\n", subject=b"\xff\xfe \x1b[31m\x00 Caf\xe9 =?utf-8?q?=E?="
        ),
        one("a date that is none", b"Date: yesterday\r\n\r\nPlease look\r\n"),
        one("a file with a wicked name", wicked, 1),
        Sample(
            b"Message-ID: <nobody@lea.example>\r\nSubject: x\r\n\r\nWho am I\r\n",
            "case",
            "nobody@lea.example",
            "nobody@lea.example",
            0,
            "no sender",
            "names no sender",
        ),
        Sample(b"\xff\xfe\x00 noise \x80" * 20, "case", "", "", 0, "noise", "no Message-ID"),
        _case("mails in mails", "nested2@lea.example", nested(3), 4),
    ]


def _large(ours: list[str], size: int) -> list[Sample]:
    text = (
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + b"Please look at our page once more. " * 32_000 + b"\r\n"
    )
    reply = mail("long-reply@lea.example", above=b"In-Reply-To: <" + ours[0].encode() + b">\r\n", body=text)
    return [
        _case("a large file", "large@lea.example", large(size), 1),
        _case("a megabyte of text", "long@lea.example", mail("long@lea.example", body=text), 1, "all of it is"),
        Sample(reply, "letter", "long-reply@lea.example", ours[0], 0, "a long reply"),
    ]


def _programs(ours: list[str]) -> list[Sample]:
    """What programs write."""

    def answer(key: str, of: str, **more: bytes) -> bytes:
        return mail(key, **({"above": b"In-Reply-To: <" + of.encode() + b">\r\n"} | more))

    def robot(
        name: str,
        above: bytes,
        goes: Goes = "nowhere",
        of: str = "",
        subject: bytes = b"Automatic reply: away",
        files: int = 0,
    ) -> Sample:
        key = f"{name.replace(' ', '-')}@lea.example"
        return Sample(mail(key, above=above, subject=subject), goes, key, of or key, files, name)

    kept = b"X-Failed-Recipients: jo@lea.example\r\n"
    old = (
        b"\r\nIt did not work.\r\n\r\n--- Below is a copy ---\r\nMessage-ID: <"
        + ours[3].encode()
        + b">\r\nSubject: x\r\n"
    )
    away = b"Auto-Submitted: auto-replied (vacation)\r\nIn-Reply-To: <" + ours[4].encode() + b">\r\n"
    receipt = (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=cut\r\n"
    )
    return [
        Sample(bounce("bounce1@lea.example", ours[1]), "letter", "bounce1@lea.example", ours[1], 1, "a bounce"),
        Sample(
            bounce("bounce2@lea.example", ours[2], b"delayed"), "letter", "bounce2@lea.example", ours[2], 1, "a delay"
        ),
        Sample(
            mail("bounce3@lea.example", subject=b"Mail failed", above=kept, body=old),
            "letter",
            "bounce3@lea.example",
            ours[3],
            0,
            "an old bounce",
        ),
        Sample(
            bounce("bounce4@lea.example", "nobody@else.example"),
            "nowhere",
            name="a bounce of nothing of ours",
            says="no letter of ours",
        ),
        robot("an absence note to ours", away, "letter", ours[4]),
        robot(
            "an absence note of a large system", b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
        ),
        robot("an older absence note", b"X-Autoreply: yes\r\n", subject=b"Away"),
        robot("an empty return path", b"Return-Path: <>\r\n", subject=b"I am out"),
        robot("a receipt", receipt, subject=b"Read: your mail"),
        robot("a notice made by a system", b"Auto-Submitted: auto-generated\r\n", "case", subject=b"Notice 4711"),
        robot(
            "a report of abuse",
            b"Content-Type: multipart/report; report-type=feedback-report; boundary=cut\r\n",
            "case",
            subject=b"Abuse report",
            files=1,
        ),
        Sample(answer("reply1@lea.example", ours[5]), "letter", "reply1@lea.example", ours[5], 0, "a reply"),
        Sample(
            mail("reply2@lea.example", above=b"References: <q@x.example>\r\n <" + ours[6].encode() + b">\r\n"),
            "letter",
            "reply2@lea.example",
            ours[6],
            0,
            "a reply by References alone",
        ),
        Sample(
            answer("further@lea.example", "large@lea.example"),
            "letter",
            "further@lea.example",
            "large@lea.example",
            0,
            "a further mail of a requester",
        ),
    ]
