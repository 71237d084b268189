"""The query language of views, filters, marking and rules: read once, answered by Python or by SQL alike."""

from escaltui.domain.query.facts import Facts, case_words, columns, facts_of, sets
from escaltui.domain.query.matching import Predicate, predicate
from escaltui.domain.query.orders import ORDERS, Order, Where, after
from escaltui.domain.query.parse import parse
from escaltui.domain.query.sql import where
from escaltui.domain.query.tree import Query, QueryError
from escaltui.domain.query.views import View, ViewsError, parse_views

__all__ = [
    "ORDERS",
    "Facts",
    "Order",
    "Predicate",
    "Query",
    "QueryError",
    "View",
    "ViewsError",
    "Where",
    "after",
    "case_words",
    "columns",
    "facts_of",
    "parse",
    "parse_views",
    "predicate",
    "sets",
    "where",
]
