"""Properties that say nothing of their own depth follow the same switch."""

from hypothesis import settings

from tests.property.depth import examples

settings.register_profile("properties", settings(max_examples=examples(100)))
settings.load_profile("properties")
