"""escaltui: a terminal workbench for escalation specialists in Trust & Safety."""

__version__ = "0.1.0"
