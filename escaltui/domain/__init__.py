"""The words and rules of escalations: frozen values and pure functions. No I/O, no clock, no randomness, no locale."""
