"""Photos, recordings and papers that somebody sends: told by their bytes, and written anew."""
