"""The private PostGIS: a cluster of its own under `.maplebridge/`, on a unix socket, for whoever brings no server."""
