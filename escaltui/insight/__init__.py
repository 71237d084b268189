"""Trends: what is counted, what is usual, what rose, what it came to. Values in, values out; no store, no clock."""
