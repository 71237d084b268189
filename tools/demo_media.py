"""Makes the demo's pictures, films and documents: drawings and patterns, harmless to look at.

python tools/demo_media.py      writes escaltui/demo/data/media; the same run gives the same pictures
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from pathlib import Path

import av
from PIL import Image, ImageDraw, ImageFilter

FOLDER = Path(__file__).resolve().parent.parent / "escaltui" / "demo" / "data" / "media"
SKY, SEA, SAND, INK, PAPER = (150, 184, 214), (58, 96, 128), (206, 186, 150), (36, 38, 48), (246, 244, 238)
RED, GREEN, YELLOW = (176, 52, 46), (74, 120, 84), (224, 184, 72)


def canvas(width: int, height: int, colour: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (width, height), colour)
    return picture, ImageDraw.Draw(picture)


def noisy(picture: Image.Image, seed: int, amount: int = 10) -> Image.Image:
    """As a camera would have it: a little noise on every pixel."""
    draw = random.Random(seed)
    noise = Image.frombytes("L", picture.size, draw.randbytes(picture.width * picture.height))
    grain = Image.merge("RGB", [noise.point(lambda value: value * amount // 255)] * 3)
    return Image.blend(picture, Image.composite(picture, grain, noise), 0.12).filter(ImageFilter.GaussianBlur(0.6))


def harbour() -> Image.Image:
    """A harbour with boats: an ordinary photograph."""
    picture, draw = canvas(960, 640, SKY)
    draw.rectangle((0, 360, 960, 640), SEA)
    for at, (x, height) in enumerate(((120, 200), (360, 250), (620, 180), (800, 230))):
        draw.polygon([(x, 400), (x + 130, 400), (x + 110, 440), (x + 20, 440)], (210 - 30 * at, 90, 70 + 20 * at))
        draw.line((x + 65, 400, x + 65, 400 - height), INK, 5)
        draw.polygon([(x + 65, 400 - height), (x + 65, 380), (x + 125, 380)], PAPER)
    draw.ellipse((780, 60, 860, 140), YELLOW)
    return noisy(picture, 1)


def road() -> Image.Image:
    """A drawing of an accident: two boxes on wheels, one on its side."""
    picture, draw = canvas(960, 640, (180, 190, 176))
    draw.polygon([(0, 640), (380, 240), (580, 240), (960, 640)], (92, 94, 98))
    for y in range(260, 640, 60):
        draw.line((480, y, 480, y + 30), PAPER, 6)
    draw.rounded_rectangle((180, 380, 420, 500), 24, RED)
    draw.ellipse((200, 470, 260, 530), INK)
    draw.ellipse((340, 470, 400, 530), INK)
    tipped, pen = canvas(300, 200, (180, 190, 176))
    pen.rounded_rectangle((30, 40, 270, 150), 24, SEA)
    pen.ellipse((50, 120, 110, 180), INK)
    pen.ellipse((190, 120, 250, 180), INK)
    drawn = tipped.convert("L").point(lambda value: 0)
    ImageDraw.Draw(drawn).rounded_rectangle((30, 40, 270, 150), 24, 255)
    for x in (50, 190):
        ImageDraw.Draw(drawn).ellipse((x, 120, x + 60, 180), 255)
    picture.paste(tipped.rotate(74, expand=True), (560, 300), drawn.rotate(74, expand=True))
    draw.ellipse((430, 540, 560, 590), (150, 40, 36))
    return noisy(picture, 2)


def crowd() -> Image.Image:
    """Many figures with banners."""
    picture, draw = canvas(960, 640, (198, 202, 208))
    pen = random.Random(3)
    for row in range(6):
        for column in range(17):
            x, y = column * 58 + (row % 2) * 26 - 10, 230 + row * 70
            shade = tuple(pen.randrange(40, 190) for _ in range(3))
            draw.rounded_rectangle((x, y + 26, x + 40, y + 110), 14, shade)
            draw.ellipse((x + 6, y - 6, x + 34, y + 26), (190 - pen.randrange(90), 150, 120))
    for x in (150, 470, 700):
        draw.rectangle((x, 80, x + 200, 160), PAPER, INK, 4)
        for line in range(3):
            draw.line((x + 20, 100 + 20 * line, x + 180 - 30 * line, 100 + 20 * line), INK, 6)
    return noisy(picture, 4)


def shirts() -> Image.Image:
    """Two marks beside each other: the real one and a copy."""
    picture, draw = canvas(1000, 500, PAPER)
    for x, colour, points in ((60, SEA, 5), (560, GREEN, 6)):
        draw.rounded_rectangle((x, 60, x + 380, 440), 30, colour)
        star = [
            (x + 190 + (130 if n % 2 else 60) * math.sin(math.pi * n / points),
             240 - (130 if n % 2 else 60) * math.cos(math.pi * n / points))
            for n in range(2 * points)
        ]  # fmt: skip
        draw.polygon(star, YELLOW)
    return picture


def paper(seed: int, lines: int, stamp: bool) -> Image.Image:
    """A photographed page: grey lines for words, perhaps a round stamp."""
    picture, draw = canvas(700, 990, PAPER)
    pen = random.Random(seed)
    for line in range(lines):
        x, y = 70, 90 + line * 800 // lines
        while x < 580:
            word = pen.randrange(20, 90)
            draw.rectangle((x, y, min(x + word, 630), y + 10), (90, 90, 96))
            x += word + 14
    if stamp:
        draw.ellipse((460, 780, 620, 940), outline=RED, width=8)
        draw.ellipse((490, 810, 590, 910), outline=RED, width=4)
    return picture


def knife() -> Image.Image:
    """A drawn blade on a table: a threat in a picture."""
    picture, draw = canvas(960, 640, (120, 92, 70))
    for y in range(0, 640, 26):
        draw.line((0, y, 960, y + 14), (108, 82, 62), 5)
    draw.polygon([(180, 330), (640, 250), (660, 310), (200, 372)], (206, 210, 214))
    draw.rounded_rectangle((640, 240, 830, 322), 20, INK)
    return noisy(picture, 6)


def figure() -> Image.Image:
    """One figure in front of a wall: whom it is of matters, not what."""
    picture, draw = canvas(640, 800, (170, 160, 150))
    for y in range(0, 800, 64):
        for x in range(-64 * (y // 64 % 2), 640, 128):
            draw.rectangle((x, y, x + 124, y + 60), (160, 146, 132))
    draw.rounded_rectangle((200, 360, 440, 800), 90, SEA)
    draw.ellipse((230, 160, 410, 380), (196, 160, 132))
    draw.pieslice((222, 140, 418, 320), 180, 360, (60, 46, 40))
    return noisy(picture, 7)


def pendulum() -> list[Image.Image]:
    """Twelve frames of a pendulum."""
    frames = []
    for n in range(12):
        picture, draw = canvas(240, 180, PAPER)
        angle = 0.7 * math.sin(2 * math.pi * n / 12)
        x, y = 120 + 120 * math.sin(angle), 10 + 120 * math.cos(angle)
        draw.line((120, 10, x, y), INK, 3)
        draw.ellipse((x - 16, y - 16, x + 16, y + 16), RED)
        frames.append(picture)
    return frames


def film(seconds: int, rate: int = 8) -> bytes:
    """A clock hand that goes round once in twelve seconds, over a field whose colour changes: every still differs."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 180, "yuv420p", rate * 2
        stream.bit_rate = 60_000
        for n in range(seconds * rate):
            at = n / rate
            picture, draw = canvas(320, 180, (60 + int(at * 2), 90, 170 - int(at * 2)))
            angle = 2 * math.pi * at / 12
            draw.ellipse((100, 30, 220, 150), PAPER, INK, 3)
            draw.line((160, 90, 160 + 52 * math.sin(angle), 90 - 52 * math.cos(angle)), RED, 5)
            for packet in stream.encode(av.VideoFrame.from_image(picture)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return target.getvalue()


ORDER = (
    ("DISTRICT COURT OF SEEFURT", "Third Chamber, file 3 R 118", "", "ORDER", "",
     "1. The operator of the service shall remove the twelve posts listed", "   on page 2 within one hour of receipt.",
     "2. The persons concerned shall not be informed for six weeks.", "3. Receipt is to be acknowledged in writing.",
     "", "Signed: the presiding judge (synthetic, for the sample desk)"),
    ("Annex: the posts", "", *(f"{n:2d}.  post {91520000 + 7 * n}" for n in range(1, 13)), "",
     "This document was made for the sample desk of escaltui."),
)  # fmt: skip


def document(pages: tuple[tuple[str, ...], ...]) -> bytes:
    """A PDF with a text layer, written out by hand."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for lines in pages:
        text = "\n".join(f"({_escaped(line)}) Tj T*" for line in lines)
        content = f"BT /F1 12 Tf 16 TL 72 760 Td\n{text}\nET"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + (end + trailer).encode("latin-1")


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()


def made() -> dict[str, Callable[[], bytes]]:
    """Every file by its name."""
    frames = pendulum()
    return {
        "harbour.jpg": lambda: encoded(harbour(), "JPEG", quality=70),
        "road.jpg": lambda: encoded(road(), "JPEG", quality=70),
        "road-again.jpg": lambda: encoded(road().resize((640, 427)), "JPEG", quality=40),
        "crowd.jpg": lambda: encoded(crowd(), "JPEG", quality=70),
        "knife.webp": lambda: encoded(knife(), "WEBP", quality=60),
        "figure.jpg": lambda: encoded(figure(), "JPEG", quality=70),
        "press-card.jpg": lambda: encoded(figure().crop((100, 80, 540, 520)), "JPEG", quality=70),
        "side-by-side.png": lambda: encoded(shirts(), "PNG", optimize=True),
        "faktura.jpg": lambda: encoded(paper(5, 22, False), "JPEG", quality=55),
        "pendulum.gif": lambda: encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=90, loop=0),
        "clock.mp4": lambda: film(60),
        "removal-order.pdf": lambda: document(ORDER),
        "damaged.jpg": lambda: encoded(harbour(), "JPEG", quality=60)[:9000],
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, make in made().items():
        (FOLDER / name).write_bytes(make())
        print(f"{name:20s} {(FOLDER / name).stat().st_size:>9,d} bytes")


if __name__ == "__main__":
    main()
