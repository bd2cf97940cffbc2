"""All tables of all features. Importing this module fills `Base.metadata`."""

import pkgutil
from importlib import import_module

import api.intake.import_log
import console
import layers
from geo.store import Base

for room in (layers, console):
    for module in pkgutil.walk_packages(room.__path__, prefix=f"{room.__name__}."):
        if module.name.endswith(".tables"):
            import_module(module.name)

IMPORT_LOG = api.intake.import_log.ImportEntry
metadata = Base.metadata
