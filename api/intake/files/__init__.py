"""Import checked files into the database, completely or not at all.

`ingest/files` reads and checks files, `layers` and `console` store rows; they do not import each other, and this
package connects them. One module for each kind of row.
"""
