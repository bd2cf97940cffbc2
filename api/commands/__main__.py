"""`python -m api.commands`, which is what `./maplebridge` calls."""

from api.commands import main

main()
