"""Links in a letter, also defanged or bare, and the items of a platform that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from escaltui.intake.found import FoundSubject, word_set


class Link(NamedTuple):
    """One link as a reader means it: host in lower case without `www.`, path without its first slash."""

    host: str
    path: str
    url: str


# `https[:]//github[.]com`, `hxxp://github(dot)com`: written so that nobody clicks; a reader wants the plain form.
_DEFANGED = (
    (re.compile(r"\bhxxp(s?)\b", re.I), r"http\1"),
    (re.compile(r"\[:\]|\(:\)|\[:(?=//)"), ":"),
    (re.compile(r"\[:?//\]"), "//"),
    (re.compile(r" ?(?:\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)) ?", re.I), "."),
)
_END = r"\s<>\"'`“”‘’«»|{}\\，。；、）（】【"
_LINK = re.compile(
    r"(?:https?(?::?//?|:)|(?<![\w@.:/-])(?=(?:[a-z0-9-]+\.){0,3}(?:github\.|githubusercontent\.com/|npmjs\.com/)))"
    rf"((?:[\w-]+\.){{1,8}}[a-z]{{2,24}})(?::\d{{2,5}})?(?:[/?#]+([^{_END}]*))?",
    re.I,
)
_BARE = re.compile(r"^[ \t>*•·]*([A-Za-z0-9][A-Za-z0-9-]{0,38}) ?/ ?([\w.-]{2,100})[ \t]*$", re.M)
_TRAIL = re.compile(r"[.,;:!?*_~]+$")
_CODE_HOSTS = frozenset(
    ("github.com", "raw.github.com", "raw.githubusercontent.com", "codeload.github.com", "api.github.com")
)
# First path parts of the code host that are pages of its own, not an account.
_NOT_OWNERS = word_set(
    """
    about account apps articles blog careers codespaces collections contact customer-stories dashboard docs
    en enterprise events explore features issues join login logout marketplace new notifications orgs
    organizations personal pricing pulls readme search security sessions settings signup site site-policy
    sponsors stars support team topics trending user-attachments users
    """
)
# The platform's own public records of such letters: cited, never complained of.
_RECORDS = frozenset(("github/dmca", "github/gov-takedowns", "github/site-policy", "github/docs"))


_SIGNS = ("xxp", "XXP", "[.", "(.", "{.", "[d", "(d", "[D", "(D", "[:", "(:", "[/")


def refanged(text: str) -> str:
    """`text` with defanged links in their plain form."""
    if not any(sign in text for sign in _SIGNS):
        return text
    for pattern, plain in _DEFANGED:
        text = pattern.sub(plain, text)
    return text


def links(text: str) -> list[Link]:
    """Every link in `text` (not defanged: see `refanged`), in order, repeats included."""
    found = []
    for match in _LINK.finditer(text):
        host, path = match[1].lower().removeprefix("www."), _cut(match[2] or "")
        found.append(Link(host, path, f"https://{host}/{path}" if path else f"https://{host}"))
    return found


def _cut(path: str) -> str:
    """The path without what belongs to the sentence around it: `](…`, a closing bracket, full stops."""
    path = path.split("](", 1)[0].split("&gt;", 1)[0]
    for opening, closing in ("()", "[]"):
        end = path.find(closing)
        if end >= 0 and opening not in path[:end]:
            path = path[:end]
    return _TRAIL.sub("", path)


def _parts(link: Link) -> list[str]:
    return [part for part in link.path.partition("?")[0].partition("#")[0].split("/") if part]


def repository(link: Link) -> str:
    """`owner/name` in lower case of the repository the link is in (`gist/id` for a gist); "" where there is none."""
    host, parts = link.host, _parts(link)
    if host in ("gist.github.com", "gist.githubusercontent.com"):
        return f"gist/{parts[min(1, len(parts) - 1)].lower()}" if parts else ""
    if host.endswith(".github.io"):
        owner = host.removesuffix(".github.io")
        return f"{owner}/{(parts[0] if parts else host).lower()}"
    if host == "api.github.com" and parts[:1] == ["repos"]:
        parts = parts[1:]
    if host not in _CODE_HOSTS or len(parts) < 2 or parts[0].lower() in _NOT_OWNERS:
        return ""
    name = f"{parts[0]}/{parts[1].removesuffix('.git')}".lower()
    return "" if name in _RECORDS or name.endswith("/") else name


def repositories(text: str) -> list[str]:
    """The distinct repositories that `text` links to, in order of first mention."""
    return list(dict.fromkeys(filter(None, map(repository, dict.fromkeys(links(refanged(text)))))))


def subject(link: Link) -> FoundSubject | None:
    """The item a link names on a platform: a repository, file, gist, page site or account; None for its other pages."""
    if link.host.endswith("npmjs.com"):
        parts = _parts(link)
        name = "/".join(parts[1:3] if parts[1:2] and parts[1].startswith("@") else parts[1:2])
        return FoundSubject(platform="npm", item_type="product", item_id=name, url=link.url) if name else None
    if repository(link):
        return _code(link)
    parts = _parts(link)
    if link.host == "github.com" and len(parts) == 1 and parts[0].lower() not in _NOT_OWNERS:
        return FoundSubject(
            platform="github", item_type="account", item_id=parts[0].lower(), url=link.url, author=parts[0]
        )
    return None


def _code(link: Link) -> FoundSubject:
    name, parts = repository(link), _parts(link)
    owner = parts[0] if link.host == "github.com" else name.split("/", 1)[0]
    item = name
    if link.host in _CODE_HOSTS and len(parts) > 2:
        item = f"{name}/{'/'.join(parts[2:])}"
    elif name.startswith("gist/"):
        owner = parts[0] if len(parts) > 1 else ""
    return FoundSubject(platform="github", item_type="url", item_id=item, url=link.url, author=owner)


def web_subject(link: Link) -> FoundSubject:
    """Any link as a subject: the item it names, else the address itself on its host."""
    known = subject(link)
    if known is not None:
        return known
    return FoundSubject(platform=link.host, item_type="url", item_id=link.path or "/", url=link.url)


def distinct(subjects: Iterable[FoundSubject | None]) -> tuple[FoundSubject, ...]:
    """The subjects in order, each (platform, item_type, item_id) once."""
    seen: dict[tuple[str, str, str], FoundSubject] = {}
    for one in subjects:
        if one is not None:
            seen.setdefault((one.platform, one.item_type, one.item_id.lower()), one)
    return tuple(seen.values())


def bare_repositories(text: str) -> tuple[FoundSubject, ...]:
    """Lines that are only `user / repo`, as some letters write an item without its address."""
    return distinct(
        FoundSubject(
            platform="github",
            item_type="url",
            item_id=f"{match[1]}/{match[2]}".lower(),
            url=f"https://github.com/{match[1]}/{match[2]}",
            author=match[1],
        )
        for match in _BARE.finditer(text)
        if not (match[1].isdigit() and match[2].replace(".", "").isdigit())
    )
