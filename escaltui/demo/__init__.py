"""The demo desk: an invented platform, its people and its cases.

Plain values only. `cases.cases` yields them, whoever builds a demo store turns them into operations.
Everything here is fiction: names, organisations, places and addresses (all under reserved domains).
"""
