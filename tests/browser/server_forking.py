"""What the process that forks servers does once, before the first: imported there alone."""

import gc

from sqlalchemy.orm import configure_mappers

import tests.browser.server_process  # noqa: F401  It brings the product along.
from api.place.reading import load_pack

load_pack("wujiang")
configure_mappers()
gc.collect()
gc.freeze()
