"""The plain twin: every verb of the screens as a command, for scripts and screen readers. Never imports textual."""
