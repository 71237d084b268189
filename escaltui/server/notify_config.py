"""The settings of what leaves the backend: `escaltui serve --config FILE`. Read whole, checked before anything starts.

[alerts]
url = "https://desk.example.org"              # where people reach this backend: for the link in an alert
team = "ops"                                  # whose rota is told (rota.toml beside this file)
addresses = { "k.osei" = "k@example.org" }    # by login; else the rota's `call`, else the team's address

[mail]                                        # as in a person's config.toml
host = "mail.example.org"
sender = "desk@example.org"

[webhook]
url = "https://hooks.example.org/desk"

[command]
run = ["/usr/local/bin/page", "--now"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from escaltui import rota, wording
from escaltui.config import Mail, Webhook
from escaltui.domain.letters import is_address
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.who import Shift
from escaltui.i18n import _
from escaltui.outbound import OutboundError, command, mail, webhook
from escaltui.outbound.command import Command
from escaltui.server.faults import ServeError

MAIL, WEBHOOK, COMMAND = "mail", "webhook", "command"
OTHERS = frozenset({"oidc"})
"""Sections of the same file that others read."""
SECURITY = ("none", "starttls", "tls")


class Alerts(msgspec.Struct, frozen=True):
    """Who is told, and where they answer."""

    url: str = ""
    team: str = "ops"
    addresses: dict[str, str] = {}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator set. `folder`: where the file lies, and the rota."""

    folder: Path = Path()
    alerts: Alerts = Alerts()
    mail: Mail = Mail()
    webhook: Webhook = Webhook()
    command: Command = Command()

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways by which alerts leave."""
        set_up = ((MAIL, self.mail.host), (WEBHOOK, self.webhook.url), (COMMAND, self.command.run))
        return tuple(way for way, found in set_up if found)


_SECTIONS: Mapping[str, Any] = {"alerts": Alerts, "mail": Mail, "webhook": Webhook, "command": Command}


def read(path: str, rules: RuleSet) -> Settings:
    """The settings of a file, none where none is named. Raises ServeError with a sentence for what cannot be used."""
    if not path:
        return Settings()
    file = Path(path)
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ServeError(_("{file} cannot be read: {why}.").format(file=file, why=error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise ServeError(_("{file} is not TOML: {why}. Mend that line.").format(file=file, why=error)) from error
    sections: dict[str, Any] = {name: _section(file, name, row) for name, row in found.items() if name not in OTHERS}
    settings = Settings(folder=file.resolve().parent, **sections)
    _check(file, settings, rules)
    return settings


def shifts(settings: Settings, rules: RuleSet) -> tuple[Shift, ...]:
    """The rota beside the settings, none where there is no such file. Raises ServeError."""
    try:
        return rota.load(settings.folder, rules)
    except rota.RotaFault as fault:
        raise ServeError(str(fault)) from fault


def _section(file: Path, name: str, table: object) -> msgspec.Struct:
    if name not in _SECTIONS:
        said = _("{file}: no section [{name}]. Known: {known}.")
        raise ServeError(said.format(file=file, name=name, known=", ".join((*_SECTIONS, *sorted(OTHERS)))))
    kind: type[msgspec.Struct] = _SECTIONS[name]
    for field in table if isinstance(table, Mapping) else ():
        if field not in kind.__struct_fields__:
            said = _("{where}: no such setting. Known: {known}.")
            where = f"{file}: [{name}] {field}"
            raise ServeError(said.format(where=where, known=", ".join(kind.__struct_fields__)))
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ServeError(_("{file}: [{name}]: {why}.").format(file=file, name=name, why=error)) from error


def _check(file: Path, settings: Settings, rules: RuleSet) -> None:
    """Raise where a way is set that nothing can leave by: told now, not in the night."""
    if not settings.ways:
        return
    alerts = settings.alerts
    parts = urlsplit(alerts.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ServeError(
            _('{file}: [alerts] url is missing: where people reach this backend, as "https://desk.example.org".')
            .format(file=file)
        )  # fmt: skip
    if parts.scheme == "http" and not mail.is_loopback(parts.hostname):
        raise ServeError(_("{file}: [alerts] url must begin with https beyond this machine.").format(file=file))
    if alerts.team not in rules.teams:
        said = _("{file}: [alerts] team: there is no team {team}. Teams: {known}.")
        raise ServeError(said.format(file=file, team=alerts.team[:40], known=", ".join(rules.teams)))
    for login, address in alerts.addresses.items():
        if not (is_address(address) and address.isascii()):
            said = _("{file}: [alerts] addresses: {address} is no address of {login}.")
            raise ServeError(said.format(file=file, address=address[:80], login=login[:40]))
    _check_ways(file, settings)
    shifts(settings, rules)


def _check_ways(file: Path, settings: Settings) -> None:
    ours, hook, run = settings.mail, settings.webhook, settings.command
    numbers = ((ours.port, 65_535), (ours.timeout, 60), (ours.patience, 100), (hook.timeout, 60), (run.timeout, 60))
    if ours.security not in SECURITY or any(not 1 <= value <= most for value, most in numbers):
        raise ServeError(
            _("{file}: security is one of {known}; port 1 to 65535, timeout 1 to 60, patience 1 to 100.")
            .format(file=file, known=", ".join(SECURITY))
        )  # fmt: skip
    try:
        if MAIL in settings.ways:
            mail.check(ours)
        if WEBHOOK in settings.ways:
            webhook.check(hook)
        if COMMAND in settings.ways:
            command.check(run)
    except OutboundError as error:
        raise ServeError(f"{file}: {wording.told(error.said)}") from error
