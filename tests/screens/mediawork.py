"""Cases with files, made here, and what is on the screen of them: for the tests of the viewer."""

from __future__ import annotations

import gc
import io
import random

from casebench import do, press, settle
from PIL import Image, ImageDraw
from textual._context import visible_screen_stack
from textual.pilot import Pilot
from textual.strip import Strip

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.media import Attachment
from escaltui.media_faces import MediaFace
from escaltui.screens.viewer import ViewerScreen
from escaltui.widgets.picture import HALF
from escaltui.workbench import Workbench


class Beat:
    """The clock of leases; stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def picture(seed: int = 1, size: tuple[int, int] = (320, 200), form: str = "PNG") -> bytes:
    """Noise with large shapes: clear it has many tones that no blurred level may have."""
    chance = random.Random(seed)
    image = Image.frombytes("RGB", (80, 50), chance.randbytes(80 * 50 * 3)).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for _shape in range(6):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        draw.ellipse((x, y, x + 60, y + 60), fill=tuple(chance.randrange(256) for _ in range(3)))
    return _encoded(image, form)


def loop(frames: int = 9) -> bytes:
    """A GIF whose frames tell themselves apart."""
    made = [Image.new("L", (160, 100), 20 + 20 * at) for at in range(frames)]
    return _encoded(made[0], "GIF", save_all=True, append_images=made[1:])


def _encoded(image: Image.Image, form: str, **more: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    found = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
             "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]  # fmt: skip
    for at, text in enumerate(pages):
        stream = f"BT /F1 24 Tf 20 100 Td ({text}) Tj ET"
        found.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents {5 + 2 * at} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        found.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, text in enumerate(found, 1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    begin = len(body)
    body += f"xref\n0 {len(found) + 1}\n0000000000 65535 f \n{table}"
    return (body + f"trailer<</Root 1 0 R/Size {len(found) + 1}>>\nstartxref\n{begin}\n%%EOF").encode()


def file(
    bench: Workbench, name: str, type_: str, content: bytes | None, *, claimed: str = "unknown", transcript: str = ""
) -> Attachment:  # fmt: skip
    """The facts of a file, its bytes kept where there are any."""
    sha256 = bench.store.keep_original(content) if content is not None else ""
    size = len(content) if content is not None else 9_000_000
    return Attachment(name, type_, size, sha256, claimed, transcript)  # type: ignore[arg-type]


def case_with(bench: Workbench, *files: Attachment, title: str = "Pictures of a crash", **more: object) -> str:
    """A case whose report brought some files; gives its id."""
    receiving, opening = bench.operation_id(), bench.operation_id()
    received = ops.ReceiveReport(requester_name="Police", requester_kind="law_enforcement", attachments=files)
    opened = ops.OpenCase(
        report=ids.entity_id(receiving, 0), title=title, case_type="user_escalation", severity=2,
        opens=ids.entity_id(opening, 0), **more,  # type: ignore[arg-type]
    )  # fmt: skip
    for outcome in bench.do_many([received, opened], [receiving, opening]):
        assert not isinstance(outcome, Refused), outcome
    return ids.entity_id(opening, 0)


def rated(bench: Workbench, case_id: str, rating: str, at: int = 0) -> None:
    """A team member rates a file."""
    face = bench.media(case_id)[at]
    do(bench, ops.RateMedia(case=case_id, holder=face.holder, at=face.at, rating=rating))  # type: ignore[arg-type]


async def look(pilot: Pilot[str], case_id: str, at: int = 0) -> tuple[ViewerScreen, Beat]:
    """Open the viewer with a clock of its own, past the moment in which keys are deaf."""
    app, beat = pilot.app, Beat()
    app.beat = beat  # type: ignore[attr-defined]
    app.look(case_id, at)  # type: ignore[attr-defined]
    await settle(pilot)
    viewer = app.screen
    assert isinstance(viewer, ViewerScreen)
    await drawn(pilot)
    beat.now += 1
    return viewer, beat


async def drawn(pilot: Pilot[str]) -> None:
    """Until the reader has answered and what it said is on the screen."""
    for _turn in range(1):
        await settle(pilot)


async def keys(pilot: Pilot[str], *pressed: str) -> None:
    """Press keys and wait for what they show."""
    await press(pilot, *pressed)
    await drawn(pilot)


def samples(pilot: Pilot[str]) -> set[tuple[int, int, int]]:
    """The colours of every sample that is on the screen."""
    app = pilot.app
    visible_screen_stack.set(app._background_screens)
    found = set()
    for line in app.screen._compositor.render_strips(app.size):
        found |= colours(Strip(line))
    return found


def colours(strip: Strip) -> set[tuple[int, int, int]]:
    """The colours of the samples in a line."""
    found = set()
    for text, style, _control in strip:
        if style is not None and HALF in text:
            found |= {tuple(each.triplet) for each in (style.color, style.bgcolor) if each is not None and each.triplet}
    return found


def bare(tones: set[tuple[int, int, int]]) -> bool:
    """Whether some sample has a colour, or a tone that no blurred picture may have."""
    return any(len(set(tone)) > 1 or tone[0] % 17 for tone in tones)


def lines_kept(besides: frozenset[int] = frozenset()) -> frozenset[int]:
    """The lines of clear or light pictures that are anywhere in memory, by identity, besides those known before."""
    gc.collect()
    found = (id(each) for each in gc.get_objects() if type(each) is Strip and bare(colours(each)))
    return frozenset(found) - besides


def first(bench: Workbench, case_id: str) -> MediaFace:
    return bench.media(case_id)[0]
