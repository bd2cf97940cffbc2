"""Taking checked files into the store, whole or not at all.

Here the two rooms meet that do not know each other: `ingest/files` says what a file holds and what is wrong with it,
`layers` and `console` keep it. One file for each kind of row.
"""
