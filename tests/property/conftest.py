"""Properties that say nothing of their own depth follow the same switch. None fails by the clock."""

from hypothesis import HealthCheck, settings

from tests.property.depth import examples

settings.register_profile(
    "properties", max_examples=examples(100), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("properties")
