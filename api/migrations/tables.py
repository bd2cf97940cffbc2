"""All tables of all rooms. Importing this module is what fills `Base.metadata`."""

import pkgutil
from importlib import import_module

import api.idempotency
import api.import_log
import console
import layers
from geo.store import Base

for room in (layers, console):
    for module in pkgutil.walk_packages(room.__path__, prefix=f"{room.__name__}."):
        if module.name.endswith(".tables"):
            import_module(module.name)

RECORDS_OF_THE_API = (api.idempotency.Answered, api.import_log.ImportEntry)
metadata = Base.metadata
