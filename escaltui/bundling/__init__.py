"""The case bundle as a file: how it is laid out, sealed and checked. Plain values in, plain values out; no store."""
