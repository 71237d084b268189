"""A person's settings: `config.toml` in the config folder. A bad value keeps its default and says how to mend it.

But what protects the person (`config_protection`) is at its strictest then.
"""

from __future__ import annotations

import locale
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from escaltui import config_connectors, config_protection, config_store, keys, wording
from escaltui.config_connectors import ConnectorRow
from escaltui.config_remote import TOKENS, Remote
from escaltui.i18n import LANGUAGES, N_, _
from escaltui.protection import Exposing, Masking, Shielding
from escaltui.theme import THEMES

FILE = "config.toml"
FOLDER_VARIABLE = "ESCALTUI_CONFIG"


class Me(msgspec.Struct, frozen=True):
    """Who sits at the keyboard. No languages: all."""

    name: str = ""
    languages: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("specialist",)


class Ui(msgspec.Struct, frozen=True):
    """How things look. `language` "": by the locale. `ascii`: no lines, bars and signs beyond ASCII."""

    theme: str = "dark"
    language: str = ""
    mouse: bool = False
    ascii: bool = False


class Mail(msgspec.Struct, frozen=True):
    """The server that our letters leave by; none as long as `host` is "". The password is never in this file.

    It is read from the environment variable `password_variable`, else from the system's keyring (service `escaltui`).
    `timeout`: seconds for one answer of the server; `patience`: seconds for a whole letter, then it is cut off.
    """

    host: str = ""
    port: int = 587
    sender: str = ""
    """What letters are from, as `desk@example.org`."""
    security: str = "starttls"
    username: str = ""
    password_variable: str = "ESCALTUI_MAIL_PASSWORD"
    timeout: int = 20
    patience: int = 90


class Webhook(msgspec.Struct, frozen=True):
    """Where alerts and consults are posted; nowhere as long as `url` is "". `secret_variable` signs them."""

    url: str = ""
    secret_variable: str = "ESCALTUI_WEBHOOK_SECRET"
    timeout: int = 10


class Policy(msgspec.Struct, frozen=True):
    """Look-up of policies. `learn`: keep which section was picked after a look-up, and let that count."""

    learn: bool = True


class Config(msgspec.Struct, frozen=True):
    """All settings. `problems`: one sentence for each bad value; `exists`: whether there is a file at all."""

    folder: Path
    me: Me = Me()
    ui: Ui = Ui()
    store: str = ""
    """The store folder, "" for the usual one."""
    encrypt: str = "off"
    """Whether the store's files are encrypted, and where their key lies. `unknown`: the file asks for something that
    cannot be understood; then no store is made, so that none is plain by mistake."""
    keys: dict[str, str] = {}
    mail: Mail = Mail()
    webhook: Webhook = Webhook()
    remote: Remote = Remote()
    policy: Policy = Policy()
    shield: Shielding = Shielding()
    masking: Masking = Masking()
    exposure: Exposing = Exposing()
    connectors: tuple[ConnectorRow, ...] = ()
    problems: tuple[str, ...] = ()
    exists: bool = False

    @property
    def file(self) -> Path:
        """Where the settings are."""
        return self.folder / FILE

    @property
    def theme(self) -> str:
        """The theme to show: `mono` where NO_COLOR is set (https://no-color.org)."""
        return "mono" if os.environ.get("NO_COLOR") else self.ui.theme


class ConfigError(Exception):
    """Settings could not be written; str() says why and how to mend it."""


def default_folder() -> Path:
    """ESCALTUI_CONFIG, a folder or the `config.toml` in one, else the system's usual place for settings."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named).parent if Path(named).name == FILE else Path(named)
    from platformdirs import user_config_path  # only here: it is not needed where a folder is named

    return user_config_path("escaltui", appauthor=False)


def load(folder: Path | None = None) -> Config:
    """Read `config.toml` of `folder`. Never raises: what is bad is in `problems`, with its default in place.

    Where the locale is not UTF-8 the screens are drawn in ASCII, whatever the file says.
    """
    found = _read(folder or default_folder())
    if found.ui.ascii or locale.getencoding().lower().replace("-", "") == "utf8":
        return found
    return msgspec.structs.replace(found, ui=msgspec.structs.replace(found.ui, ascii=True))


def _read(where: Path) -> Config:
    file = where / FILE
    try:
        text = file.read_text("utf-8")
        found = tomllib.loads(text)
    except FileNotFoundError:
        return Config(where)
    except OSError as error:
        sentence = _(
            "{file} cannot be read ({why}). Using the defaults, and the strictest of what shields and masks."
        ).format(file=file, why=error.strerror)
        return _closed(where, sentence, config_store.UNKNOWN)
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, too long a number, too deep
        sentence = _(
            "{file} is not TOML: {why}. Mend that line; until then the defaults hold, and the strictest of what "
            "shields and masks."
        ).format(file=file, why=error)
        return _closed(where, sentence, config_store.unread(file))
    return _checked(where, file, text, found)


def _closed(where: Path, sentence: str, encrypt: str) -> Config:
    """What holds where nothing of the file can be used. `encrypt`: as far as it can be told."""
    shield, masking, exposure, _none = config_protection.CLOSED
    return Config(
        where, encrypt=encrypt, shield=shield, masking=masking, exposure=exposure, problems=(sentence,), exists=True
    )


def _checked(folder: Path, file: Path, text: str, found: Mapping[str, Any]) -> Config:
    problems: list[str] = []
    values: dict[str, Any] = {}
    for section, default in (("me", Me()), ("ui", Ui()), ("mail", Mail()), ("webhook", Webhook()),
                             ("remote", Remote()), ("policy", Policy())):  # fmt: skip
        good = dict(_fields(file, section, found.get(section, {}), default, problems))
        values[section] = msgspec.structs.replace(default, **good)
    own = keys.check_own(_table(file, "keys", found.get("keys", {}), problems))
    problems += [f"{file}: {wording.told(problem)}" for problem in own.problems]
    said = _("{file}: no section [{name}]. Known: {known}.")
    known = ", ".join(_SECTIONS)
    problems += [said.format(file=file, name=name, known=known) for name in found if name not in _SECTIONS]
    shield, masking, exposure, wrong = config_protection.read(FILE, text, found)
    store, encrypt = config_store.read(file, text, found, problems)
    places = config_connectors.read(file, found.get(config_connectors.SECTION, []), problems)
    return Config(
        folder, store=store, encrypt=encrypt, keys=own.keys, problems=(*problems, *wrong), exists=True,
        shield=shield, masking=masking, exposure=exposure, connectors=places, **values,
    )  # fmt: skip


_SECTIONS = ("me", "ui", "store", "keys", "mail", "webhook", "remote", "policy", config_connectors.SECTION,
             *config_protection.SECTIONS)  # fmt: skip
_CHOICES = {"theme": tuple(THEMES), "language": ("", *LANGUAGES), "security": ("none", "starttls", "tls"),
            "token": TOKENS}  # fmt: skip
_RANGES = {"port": (1, 65_535), "timeout": (1, 60), "patience": (1, 100)}
"""The least and the most of a number. `patience` stays below the two minutes after which a letter counts as lost."""
_SAID = {
    str: N_("text in quotes"), bool: N_("true or false"), tuple: N_('a list of texts, such as ["en", "fr"]'),
    int: N_("a whole number"),
}  # fmt: skip


def _table(file: Path, name: str, found: object, problems: list[str]) -> Mapping[str, object]:
    if isinstance(found, Mapping):
        return found
    problems.append(
        _("{file}: {name} must be a section: write [{name}] on a line of its own.").format(file=file, name=name)
    )
    return {}


def _fields(
    file: Path, section: str, found: object, default: msgspec.Struct, problems: list[str]
) -> Iterator[tuple[str, Any]]:
    """The good values of one section; a sentence for each other."""
    known = {name: getattr(default, name) for name in default.__struct_fields__}
    for name, value in _table(file, section, found, problems).items():
        where = f"{file}: [{section}] {name}"
        if name not in known:
            problems.append(_("{where}: no such setting. Known: {known}.").format(where=where, known=", ".join(known)))
            continue
        kind = type(known[name])
        given = tuple(value) if kind is tuple and isinstance(value, list) else value
        texts = isinstance(given, tuple) and all(isinstance(each, str) for each in given)
        if type(given) is not kind or (kind is tuple and not texts):
            problems.append(
                _("{where} must be {kind}. Using {name}.").format(
                    where=where, kind=_(_SAID[kind]), name=_written(known[name])
                )
            )
        elif name in _CHOICES and given not in _CHOICES[name]:
            choices = ", ".join(_written(each) for each in _CHOICES[name])
            problems.append(
                _("{where} must be one of {choices}. Using {name}.").format(
                    where=where, choices=choices, name=_written(known[name])
                )
            )
        elif isinstance(given, int) and name in _RANGES and not _RANGES[name][0] <= given <= _RANGES[name][1]:
            least, most = _RANGES[name]
            problems.append(
                _("{where} must be from {least} to {most}. Using {name}.").format(
                    where=where, least=least, most=most, name=_written(known[name])
                )
            )
        else:
            yield name, given


def _written(value: object) -> str:
    """A value as it is written in TOML."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    if isinstance(value, bool | int):
        return str(value).lower()
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text if ord(c) < 0x10000) + '"'


def write_me(name: str, languages: tuple[str, ...] = (), folder: Path | None = None) -> Config:
    """Write `[me]` at the first run, other sections stay as they are. Raises ConfigError where the folder is closed."""
    where = folder or default_folder()
    file = where / FILE
    me = f"[me]\nname = {_written(name)}\nlanguages = {_written(tuple(languages))}\n"
    try:
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        rest = _without_me(file.read_text("utf-8")) if file.exists() else ""
        new = file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(me + ("\n" + rest if rest else ""), "utf-8")
        new.replace(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or _("it is not UTF-8")
        raise ConfigError(
            _(
                "Your name could not be kept in {file}: {reason}. Make the folder writable, or name another in "
                "{folder_variable}."
            ).format(file=file, reason=reason, folder_variable=FOLDER_VARIABLE)
        ) from error
    return load(where)


def _without_me(text: str) -> str:
    kept, inside = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            inside = line.strip().startswith("[me]")
        if not inside:
            kept.append(line)
    return "\n".join(kept).strip() + "\n" if any(kept) else ""
