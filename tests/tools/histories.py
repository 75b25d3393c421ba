"""Worlds of constant weeks, and a stage of emulators that know: what tests of the calibration are made from."""

import numpy as np

from fragile_peace_lab.calibration.emulators import IN_FIT, Stage
from fragile_peace_lab.calibration.free import FREE
from fragile_peace_lab.calibration.mission import Mission
from fragile_peace_lab.calibration.runs import Series, Worlds
from fragile_peace_lab.calibration.series import record

RUNS = 6


def series(weeks, recorded, happened=1.0, runs=RUNS):
    full = np.full((runs, weeks), 1.0)
    return Series(full * recorded, full * happened, full * happened * 2)


def worlds(before=100.0, truce=5.0, events=3.0, runs=RUNS):
    """Constant weeks, but for what the arguments replace."""
    lines = {"before": series(238, before, events, runs), "truce": series(75, truce, events, runs),
             "weak": series(20, 0.2 * before, runs=runs), "loc_before": series(104, 50, runs=runs),
             "loc_2003": series(520, 0, runs=runs), "loc_2021": series(96, 0.5, runs=runs)}  # fmt: skip
    lines["weak"].recorded[:, 3:] = 0.6 * before
    lines["loc_2003"].recorded[:, 162:371] = 1.0
    lines["loc_2003"].recorded[:, 371:] = 5.0
    mission = Mission(np.full(runs, 2.0), np.full(runs, 0.5), np.full(runs, 4.0))
    return Worlds(lines, np.tile(record().days.astype(float), (runs, 1)), mission)


class Certain:
    """An emulator that knows: everywhere the same value."""

    most = 0.0

    def __init__(self, value):
        self.value = value

    def mean(self, x):
        return np.full(len(x), self.value)

    def predict(self, x):
        return self.mean(x), np.zeros(len(x))


def stage(values, scatter=0.0, ensemble=None, together=None):
    """A stage of certain emulators; histories have the same standard deviation everywhere."""
    number, width = len(IN_FIT), 1 + 2 * len(FREE)
    coefficients = np.zeros((number, width))
    coefficients[:, 0] = 2 * np.log(max(scatter, 1e-9))
    ensemble = np.zeros(number) if ensemble is None else ensemble
    together = np.eye(number) if together is None else together
    return Stage([Certain(value) for value in values], coefficients, np.full(number, 99.0), ensemble, together)
