"""Who works at the demo desk, and for which platform."""

from __future__ import annotations

from escaltui.demo.shapes import DemoPerson, DemoPlatform

PLATFORM = DemoPlatform(
    name="Commonlea",
    host="commonlea.example",
    blurb=(
        "Commonlea is an invented social platform: posts, pages, groups, live video, ads and a marketplace, "
        "used in some forty countries. Nothing on this desk is real."
    ),
)

_PEOPLE = (
    DemoPerson("rmarin", "Robin M.", ("en", "fr", "es"), ("specialist",)),
    DemoPerson("lpark", "Lee P.", ("en", "ko", "ja"), ("specialist",)),
    DemoPerson("akim", "Alex K.", ("en", "ru", "tr"), ("specialist",)),
    DemoPerson("dlefevre", "Dominique L.", ("fr", "en", "de"), ("specialist", "approver")),
    DemoPerson("mdasilva", "Max S.", ("pt", "es", "en"), ("specialist",)),
    DemoPerson("nhaddad", "Nour H.", ("ar", "fr", "en"), ("specialist",)),
    DemoPerson("sbauer", "Sam B.", ("de", "en", "pl"), ("specialist", "lead", "approver")),
    DemoPerson("pverma", "Pat V.", ("hi", "en"), ("lead", "approver", "admin")),
    DemoPerson("kosei", "Kit O.", ("en", "fr"), ("counsel",), team="legal"),
)


def people() -> tuple[DemoPerson, ...]:
    """Everyone at the demo desk; the first is the one who opens the workbench."""
    return _PEOPLE
