"""The log of changes to the register and to accounts, each with its reason."""
