"""What requests and reports tell Prometheus. Labels are route templates and codes: no path, no name, no number."""

from prometheus_client import Counter, Histogram

REQUESTS = Histogram(
    "maplebridge_request_seconds",
    "Duration of HTTP requests, by route template.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
REPORTS = Counter("maplebridge_reports", "Reports that came in, by door and what became of them.", ["door", "outcome"])
SIGN_INS = Counter("maplebridge_sign_ins", "Tries to sign in by password, by outcome.", ["outcome"])
