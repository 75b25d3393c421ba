"""What every test shares: Hypothesis draws the same examples each time (a run that searches: `--hypothesis-seed=N`)."""

from hypothesis import HealthCheck, settings

settings.register_profile("suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
