"""From the kind of a connector to what makes it. A kind's module is imported when one of that kind is first wanted.

A kind is a class with `from_settings(name, options, secret)`: `options` as written in config.toml, each a text, a whole
number, true or false, or a tuple of texts; `secret` the password or token that was kept for it, "" for none. It makes
no connection yet, and raises ConnectorError for an option that it does not know or cannot use.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from urllib.parse import urlsplit

from escaltui.config_connectors import ConnectorRow
from escaltui.i18n import _
from escaltui.intake.connector import Connector, ConnectorError

KINDS: Mapping[str, str] = {
    "mailbox": "escaltui.intake.mailbox:Mailbox",
    "ozone": "escaltui.intake.ozone:Ozone",
}
"""Kind -> module and class."""
EXTRAS = {"mailbox": "mail"}
"""Kind -> the extra of our package that installs what it needs beyond the workbench."""


def made(row: ConnectorRow, secret: str, kinds: Mapping[str, str] = KINDS) -> Connector:
    """The connector of a row of the settings; it is not connected yet. Raises ConnectorError."""
    place = kinds.get(row.kind)
    if place is None:
        said = _("There is no kind of connector {kind}. Known: {known}. Mend kind of {name} in config.toml.")
        raise ConnectorError(said.format(kind=row.kind, known=", ".join(sorted(kinds)), name=row.name))
    module, _sign, name = place.partition(":")
    try:
        kind = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise ConnectorError(_missing(row, module, error.name or "")) from error
    found: Connector = kind.from_settings(row.name, row.options, secret)
    return found


def host(row: ConnectorRow) -> str:
    """The name or address of the machine that a row of the settings speaks of first, "" where it names none."""
    for option in ("host", "direct", "service"):
        if isinstance(given := row.options.get(option), str) and given:
            return (urlsplit(given).hostname or "") if "://" in given else given
    return ""


def by_secret(row: ConnectorRow) -> bool:
    """Whether one signs in by a password or token that is kept for it: not where a command of its own gives one."""
    return not row.options.get("token_command")


def _missing(row: ConnectorRow, module: str, lacking: str) -> str:
    if module == lacking or module.startswith(f"{lacking}."):
        return _("This escaltui has no connector of kind {kind}. Upgrade escaltui.").format(kind=row.kind)
    said = _("A connector of kind {kind} needs {module}, which is not here: pip install 'escaltui[{extra}]'")
    return said.format(kind=row.kind, module=lacking, extra=EXTRAS.get(row.kind, row.kind))
