"""`python -m api.keeping.commands`, which is what `./maplebridge` calls."""

from api.keeping.commands import main

main()
