"""Prometheus metrics. Labels are route templates and codes, never paths, names or numbers."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "maplebridge_request_seconds",
    "Duration of HTTP requests, by route template.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
REPORTS = Counter("maplebridge_reports", "Reports received, by interface and outcome.", ["interface", "outcome"])
SIGN_INS = Counter("maplebridge_sign_ins", "Sign-in attempts by password, by outcome.", ["outcome"])
SOCKETS = Gauge("maplebridge_sockets", "Open live sockets.")
EVENTS = Counter("maplebridge_feed_events", "Events sent to live sockets.")
FEED_POSITION = Gauge("maplebridge_feed_position", "The feed's last position.")
FEED_LAG = Gauge("maplebridge_feed_lag_seconds", "Age of the oldest committed change that has no position yet.")
OUTBOX = Gauge("maplebridge_feed_outbox", "Committed changes that have no position yet.")
BROKER_LAG = Gauge("maplebridge_broker_seconds", "Time of the last own message to the broker and back.")
BROKER_BATCHES = Counter(
    "maplebridge_broker_batches",
    "Batches of other servers by the broker: published, known, or left to the store.",
    ["as"],
)
OVERFLOWS = Counter("maplebridge_socket_overflows", "Sockets closed because their client read too slowly.")
FIXES = Counter("maplebridge_fixes", "Fixes received, by verdict.", ["flag"])
DROPPED_FIELDS = Counter(
    "maplebridge_dropped_fields", "Fields of fixes left out as unreadable, by format and field.", ["dialect", "field"]
)
