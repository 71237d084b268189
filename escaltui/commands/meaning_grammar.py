"""The words and options of policy model."""

from __future__ import annotations

import argparse

from escaltui.commands.grammar import Argument, argument

MODEL: tuple[str, tuple[Argument, ...]] = (
    "the sentence encoder of look-up by meaning: use PATH or NAME, status, build, off", (
        argument("what", choices=("use", "status", "build", "off"), help="use: choose a model and make "
                 "what look-up needs; build: make what is missing; off: full text alone again"),
        argument("path", nargs="?", default="", metavar="PATH",
                 help="a folder with an .onnx file and its tokenizer.json, the .onnx file, or OWNER/NAME on a hub"),
        argument("--later", action="store_true", help="only choose; the rest is made beside the open workbench"),
        argument("--beside", action="store_true", help=argparse.SUPPRESS)),
)  # fmt: skip
