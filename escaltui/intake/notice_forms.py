"""The question forms in which copyright notices and counter-notices reach a platform, three generations of them.

The questions themselves speak of perjury, fair use and technical measures, so a reader must look at the **answers**.
`answers_of` cuts a form at its questions, however they are marked up or wrapped; a question nobody knows yet still
becomes an answer of its own.
"""

from __future__ import annotations

import re

# Answer name: how its questions begin (every generation), then their further sentences. `'` is any apostrophe.
_QUESTIONS: tuple[tuple[str, str], ...] = (
    ("role", "Are you the copyright (holder|owner) or authorized to act on the copyright (owner|holder)'s behalf"),
    ("owner", "Are you the owner of the content that has been disabled, or authorized to act on the owner's behalf"),
    ("revised", "Are you submitting a revised DMCA notice"),
    ("ticket", "Please provide (the Zendesk ticket number of|a link to) your previously submitted notice"),
    ("site", "Does your claim involve content on( GitHub or npm.js)?"),
    ("authority", "Please describe the nature of your (copyright|content) ownership or authorization"),
    (
        "work",
        "Please provide a detailed description of the original copyrighted work that has allegedly been infringed",
    ),
    ("work", "What work was allegedly infringed"),
    ("original_url", "If the original work referenced above is available online"),
    ("files", "What files should be taken down"),
    ("files", "What files were taken down"),
    ("scope", "We ask that a DMCA takedown notice list every specific file"),
    ("scope", "Based on the above, I confirm that"),
    ("repository", "Identify the full repository URL that is infringing"),
    ("repository_files", "Identify only the specific file URLs within the repository"),
    ("technical_measures", "Do you claim to have any technological measures in place"),
    ("measures", "What technological measures do you have in place"),
    ("measures", "Describe the technological measure"),
    ("circumvention", "How is the accused project designed to circumvent"),
    ("circumvention", "Describe how the project is designed to circumvent"),
    ("forks", "Have you searched for any forks"),
    ("forks", "If you are reporting an allegedly infringing fork"),
    ("forks", "Each fork is a distinct repository and must be identified separately"),
    ("network", "Based on the representative number of forks I have reviewed"),
    ("license", "Is the work licensed under an open source license"),
    ("license_name", "Which license"),
    ("license_breach", "How do you believe the license is being violated"),
    ("license_remedy", "What changes can be made to bring the project into compliance"),
    ("solution", "What would be the best solution for the alleged infringement"),
    ("infringer", "Do you have the alleged infringer's contact information"),
    ("change_or_dispute", "Do you want to make changes to your repository or do you want to dispute the notice"),
    ("change", "Describe the change"),
    ("reason", "Is there anything else you think we should know about why you believe the material was removed"),
    ("contact", "So that (we|the complaining party) can get back to you"),
    ("contact", "Please provide a telephone number"),
    ("signature", "Please type your full (legal )?name"),
    ("guide", "Please confirm that you have (you have )?read (our|the) Guide"),
    ("statement", "Type (or copy and paste) the following statement"),
)
# Ticked or typed sentences: in the later forms they stand in bold and are the affirmation itself.
_STATEMENTS: tuple[tuple[str, str], ...] = (
    ("good_faith", "I have a good(-| )faith belief"),
    ("accuracy", "I swear, under penalty of perjury"),
    ("fair_use", "I have taken"),
    ("guide", "I have read and understand"),
    ("jurisdiction", "I consent to the jurisdiction"),
)
# What may follow a question's first words and is still the question, not the answer.
_FURTHER = (
    "(optional)",
    "to this request",
    "as a result of a mistake",
    "or authorization to act on the owner's behalf",
    "please provide (both|either) your telephone number (and|or) physical address",
    "If possible, (include|please provide) a URL( to where it is posted online)?",
    "Please provide URLs for each file, or if the entire repository, the repository's URL",
    "Each fork is a distinct repository and must be identified separately if you believe it is infringing and wish"
    " to have it taken down",
    "If so, which open source license",
    "Are the allegedly infringing files being used under the open source license, or are they in violation of the"
    " license",
    "Are there specific changes the other person can make other than removal",
    "If so, please provide it",
    "unless the entire contents of the repository are infringing on your copyright",
    "Please clearly state that the entire repository is infringing, OR provide the specific files within the"
    " repository you would like removed",
    "Please see our Complaints about Anti-Circumvention Technology if you are unsure",
    "to (Submitting|Filing) a DMCA (Takedown |Counter )?Notice",
)
_HEAD_TAGS = re.compile(
    r"<a\s[^<>]*(?:help\.github|docs\.github|lumendatabase)[^<>]*>|</a>|</?(?:b|u|i|em|strong|p|div|span)>|<br\s*/?>",
    re.I,
)


def _pattern(question: str) -> str:
    plain = re.sub(r"\((or copy and paste|optional)\)", r"\\(\1\\)", question)
    return plain.replace("'", "['’´`]?").replace(" ", r"[\s*_]+")


def _named(prefix: str, questions: tuple[tuple[str, str], ...]) -> str:
    return "|".join(f"(?P<{prefix}{place}>{_pattern(text)})" for place, (_, text) in enumerate(questions))


_CUT = re.compile(
    rf"^[ \t>#\-\d.)]*+(?:[*_]*+[ \t]*+(?:{_named('q', _QUESTIONS)})"
    rf"|(?:\*\*|__)[ \t]*+(?:{_named('s', _STATEMENTS)})"
    r"|(?P<other>(?:\*\*|__)[^*\n]{15,400}[?.:] ?(?:\*\*|__))[ \t]*+$)",
    re.M | re.I,
)
_SENTENCE_END = re.compile(r"[^\n?:.]{0,160}[?:.]")
_TAILS = re.compile(
    rf"(?:[\s*_,]*+(?:{'|'.join(map(_pattern, _FURTHER))}|"
    r"If you are submitting this notice on behalf of a company[^\n]*|https?://\S*articles/guide-to\S*)[\s*_.:?]*+)+",
    re.I,
)
_MARKS = " \t\r\n*_"


def answers_of(text: str) -> dict[str, str]:
    """The answers of a form by name, repeats joined by a blank line; {} where `text` is no form (under 3 questions)."""
    plain = _HEAD_TAGS.sub("", text) if "<" in text else text
    cuts = list(_CUT.finditer(plain))
    if sum(not _is_statement(cut) for cut in cuts) < 3:
        return {}
    answers: dict[str, str] = {}
    for place, cut in enumerate(cuts):
        end = cuts[place + 1].start() if place + 1 < len(cuts) else len(plain)
        name, answer = _answer(plain, cut, end)
        before = answers.get(name, "")
        answers[name] = f"{before}\n\n{answer}".strip() if before else answer
    return answers


def _is_statement(cut: re.Match[str]) -> bool:
    return (cut.lastgroup or "").startswith("s")


def _answer(text: str, cut: re.Match[str], end: int) -> tuple[str, str]:
    """The name and answer of the question that `cut` found, which reaches to `end`."""
    group = cut.lastgroup or "other"
    if group == "other":
        return " ".join(cut[0].strip(_MARKS + ">#").split())[:120], text[cut.end() : end].strip(_MARKS)
    if _is_statement(cut):
        return _STATEMENTS[int(group[1:])][0], text[cut.start() : end].strip(_MARKS)
    name = _QUESTIONS[int(group[1:])][0]
    start = _question_end(text, cut, end)
    answer = text[start:end].strip(_MARKS)
    if name == "statement":
        return _typed_statement(text[cut.end() : end]), answer
    if name == "network" and not answer:
        answer = "yes"
    return name, answer


def _question_end(text: str, cut: re.Match[str], end: int) -> int:
    """Where the question ends: at its closing bold mark, else after its sentences."""
    stop = cut.end()
    if "**" in cut[0] or "__" in cut[0]:
        closing = [at for at in (text.find(mark, stop, end) for mark in ("**", "__")) if at >= 0]
        if closing:
            stop = min(closing) + 2
            further = _TAILS.match(text, stop, end)
            return further.end() if further else stop
    for pattern in (_TAILS, _SENTENCE_END, _TAILS):
        match = pattern.match(text, stop, end)
        stop = match.end() if match else stop
    return stop


def _typed_statement(text: str) -> str:
    """Which statement the form asks to be typed."""
    lowered = text[:400].lower()
    if "perjury" in lowered and "mistake" not in lowered:
        return "accuracy"
    if "jurisdiction" in lowered:
        return "jurisdiction"
    return "mistake" if "mistake" in lowered else "good_faith"
