"""Entry point of `python -m api.keeping.commands`, which `./maplebridge` runs."""

from api.keeping.commands import main

main()
