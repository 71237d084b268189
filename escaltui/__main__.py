"""`python -m escaltui`."""

from __future__ import annotations

import sys

from escaltui.cli import main

if __name__ == "__main__":
    sys.exit(main())
