"""Opening the workbench on a terminal: first run, demo desk, then the app."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from escaltui import config as settings
from escaltui.commands.output import DONE
from escaltui.crashes import Defects
from escaltui.state import OPENED

if TYPE_CHECKING:
    from escaltui.workbench import Workbench


class Opening:
    """What to open: a store folder as somebody, or the demo desk beside it. `hooks`: those installed already."""

    def __init__(
        self, folder: Path, demo_folder: Path, acting_as: str = "", cases: int = 0, hooks: Defects | None = None
    ) -> None:
        self.folder, self.demo_folder, self.acting_as, self.cases = folder, demo_folder, acting_as, cases
        self.hooks = hooks

    def bench(self, config: settings.Config, *, demo: bool) -> Workbench:
        """The desk, made where it does not exist. Raises StoreError, NotKnown."""
        from escaltui.workbench import Workbench

        if not demo:
            return Workbench.open(self.folder, config=config, acting_as=self.acting_as)
        from escaltui.commands.progress import progress_line
        from escaltui.workbench.seeding import open_demo

        watch = progress_line(sys.stderr)
        return open_demo(self.demo_folder, config, acting_as=self.acting_as, cases=self.cases, on_progress=watch)


def run(opening: Opening, config: settings.Config, *, demo: bool, dev: bool = False) -> int:
    """Show the workbench until it is left; the exit code. The first run asks who sits here. Raises StoreError."""
    if not dev:
        drop_textual_variables(os.environ)
    if not (demo or config.exists or opening.acting_as):
        from escaltui.screens.first_run import ask_who

        start = ask_who(config)
        if start is None:
            return DONE
        config, demo = start.config, start.samples
    if not demo:
        gc.disable()  # nothing that is loaded or mounted until the first paint is garbage; the app enables it then
    with opening.bench(config, demo=demo) as bench:
        from escaltui.app import EscaltuiApp

        app = EscaltuiApp(bench, config)
        if not dev:
            app.defects = guard(opening.hooks)
        try:
            app.run(mouse=config.ui.mouse)
        finally:
            close_opened(bench)
        return app.return_code or DONE


def guard(hooks: Defects | None) -> Defects:
    """From now on no traceback, log message or core file tells what is on the screen; what was opened outside by a
    workbench that was killed is removed. `hooks`: those that are installed already, None where a caller has its own."""
    from escaltui.state import state_folder

    defects = hooks or Defects(state_folder)
    if hooks is None:
        defects.install()
    defects.quiet_logs()
    opened = state_folder() / OPENED
    if opened.exists():
        from escaltui.workbench import outside

        outside.sweep(opened)
    return defects


def close_opened(bench: Workbench) -> None:
    """Remove the pictures that this workbench opened outside."""
    if "outside" in vars(bench):
        bench.outside.close_all()


def drop_textual_variables(environ: MutableMapping[str, str]) -> None:
    """Take TEXTUAL* variables out, before Textual reads them: they switch on aids that show or write the screen."""
    for name in [name for name in environ if name.startswith("TEXTUAL")]:
        del environ[name]
