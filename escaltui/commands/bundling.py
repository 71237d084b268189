"""The command bundle: make, verify, show, key. Verify and show open no store."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from escaltui.bundling import check, container, signing
from escaltui.bundling.check import Found
from escaltui.bundling.faults import BundleFault
from escaltui.bundling.redaction import RULES
from escaltui.commands.output import DONE, REFUSED, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.domain.changes import Refused
from escaltui.i18n import _

if TYPE_CHECKING:
    from escaltui.bundling.manifest import Manifest
    from escaltui.workbench import Workbench

MEDIA = "media/"


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """Make a bundle, or tell the key."""
    return make(bench, args, output) if args.action == "make" else key(bench, args, output)


def alone(args: Namespace, output: Output) -> int:
    """Verify or show."""
    return verify(args, output) if args.action == "verify" else show(args, output)


def make(bench: Workbench, args: Namespace, output: Output) -> int:
    """A bundle of a case in a new file."""
    from escaltui.workbench import bundles

    asked = bundles.Asked(args.reader, args.why, _rules(args.redact), _files(args.files))
    made = bundles.make(bench, args.ref, Path(args.out), asked)
    if isinstance(made, Refused):
        return output.refuse(made)
    output.record({"bundle": str(made.path), "bytes": made.size, **_told(made.says), "manifest_sha256": made.sha256})
    if any(each.name.startswith(MEDIA) for each in made.says.files):
        output.warn(_("The files that go along are as they came: nothing in them is redacted, place and time of a "
                      "picture neither."))  # fmt: skip
    return DONE


def _rules(typed: str) -> frozenset[str]:
    if typed == "none":
        return frozenset()
    return frozenset(each.strip() for each in typed.split(",") if each.strip()) or frozenset(RULES)


def _files(typed: list[str]) -> frozenset[int] | None:
    if "all" in typed:
        return None
    numbers = [each.strip() for word in typed for each in word.split(",") if each.strip()]
    if strange := [each for each in numbers if not (each.isascii() and each.isdigit() and len(each) < 7)]:
        said = _("{typed} is no number of a file. escaltui media show numbers them; all takes all.")
        raise UsageError(said.format(typed=ascii(strange[0])))
    return frozenset(map(int, numbers))


def key(bench: Workbench, args: Namespace, output: Output) -> int:
    """The fingerprint of the store's key; made where there is none yet, or anew."""
    from escaltui.workbench import bundle_key

    if args.new:
        bundle_key.renew(bench.store)
    seed = bundle_key.secret(bench.store)
    output.record({"key": signing.fingerprint(signing.public(seed)), "algorithm": signing.ALGORITHM})
    output.say(_("Tell it to your readers on another way than the bundles go: on paper, by telephone, on a page of "
                 "yours."))  # fmt: skip
    return DONE


def verify(args: Namespace, output: Output) -> int:
    """Check a bundle: exit 0 where it is as it was signed, 1 where not."""
    try:
        found = check.verify(Path(args.path), args.key)
    except BundleFault as fault:
        output.record({"bundle": str(args.path), "sound": False, "check": fault.code, "reason": str(fault)})
        output.warn(_("This bundle does not hold. {why}").format(why=fault))
        return REFUSED
    output.record({"bundle": str(args.path), "sound": True, **_told(found.says)})
    if not args.key:
        output.warn(_("Whoever has the key {key} made it. Whose key that is the file cannot tell: compare the "
                      "fingerprint with the sender's, on another way.").format(key=found.says.key))  # fmt: skip
    return DONE


def show(args: Namespace, output: Output) -> int:
    """What a bundle holds, or one of its texts. Raises BundleFault for one that does not hold."""
    path = Path(args.path)
    found = check.verify(path, args.key)
    if args.part:
        output.record({args.part: _text(path, found, args.part)})
        return DONE
    output.record({"bundle": str(path), **_told(found.says)})
    output.records({"file": each.name, "bytes": each.size, "sha256": each.sha256} for each in found.says.files)
    return DONE


def _text(path: Path, found: Found, name: str) -> str:
    texts = {each.name: each for each in found.entries if not each.name.startswith(MEDIA)}
    if name not in texts:
        said = _("It has no text {name}. Texts: {known}.")
        raise BundleFault("part", said.format(name=ascii(name), known=", ".join(texts)))
    with check.opened(path) as file:
        return container.content(file, texts[name]).decode("utf-8", "replace")


def _told(says: Manifest) -> dict[str, Value]:
    return {"case": says.case, "made": says.made.at, "by": says.made.by, "for": says.made.reader, "why": says.made.why,
            "program": says.made.program, "key": says.key, "log": f"{says.log.stream} {says.log.seq} {says.log.head}",
            "files": len(says.files), "redacted": {each.rule: each.places for each in says.redacted},
            "left_out": {each.rule: each.places for each in says.left_out}}  # fmt: skip
