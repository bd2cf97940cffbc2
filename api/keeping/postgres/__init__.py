"""The private PostGIS cluster under `.maplebridge/`, on a unix socket, for installations without a database server."""
