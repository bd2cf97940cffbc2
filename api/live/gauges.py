"""What the live part tells Prometheus."""

from prometheus_client import Counter, Gauge

SOCKETS = Gauge("maplebridge_sockets", "Open live sockets.")
EVENTS = Counter("maplebridge_feed_events", "Events passed on to the live sockets.")
FEED_POSITION = Gauge("maplebridge_feed_position", "The feed's last position.")
FEED_LAG = Gauge("maplebridge_feed_lag_seconds", "Age of the oldest committed change that has no position yet.")
OUTBOX = Gauge("maplebridge_feed_outbox", "Committed changes that have no position yet.")
OVERFLOWS = Counter("maplebridge_socket_overflows", "Sockets closed because their client read too slowly.")
FIXES = Counter("maplebridge_fixes", "Fixes received, by judgement.", ["flag"])
