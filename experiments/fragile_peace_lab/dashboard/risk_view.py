"""The risk view on the page."""

import math
import threading
from functools import partial
from html import escape
from typing import Any, cast

import solara

from fragile_peace.declared.catalogue import Parameter
from fragile_peace.declared.scenario import CATALOGUE
from fragile_peace.words.wording import chance, number
from fragile_peace_lab.dashboard import charts, levers
from fragile_peace_lab.dashboard.background import Report, Status, use_background
from fragile_peace_lab.dashboard.bank import BANK
from fragile_peace_lab.dashboard.panel import Change, text_field
from fragile_peace_lab.dashboard.risk import Risks, at_once, computed, differences, start, sweep_text
from fragile_peace_lab.dashboard.settings import OUTCOMES, Settings
from fragile_peace_lab.dashboard.widgets import Buttons, Cards, Downloads, raw, tag
from fragile_peace_lab.design.belief import is_tied
from fragile_peace_lab.estimates.outcomes import BY_NAME, PROBABILITY, SHARE
from fragile_peace_lab.figures.levers import lever_words, shown_value
from fragile_peace_lab.figures.panels import show

ALONG = tuple(name for name in levers.LEVERS if CATALOGUE[name].kind in ("real", "whole"))
PRIOR = "prior-driven: no record informs it"


@solara.component
def RiskView(settings: Settings, faults: dict[str, str], change: Change) -> None:
    """The risks of the sliders' scenario, and a curve along one of them."""
    stopped, set_stopped = solara.use_state(cast(Any, None))
    pinned, set_pinned = solara.use_state(cast(Any, None))
    key = (settings.scenario, settings.values, settings.seed, settings.weeks, settings.along, settings.runs)

    work = None if stopped == key else partial(_work, settings)
    status = use_background(work, key, partial(at_once, settings, BANK))
    risks: Risks | None = status.value
    fresh = risks is not None and status.key == key

    def press(button: str) -> None:
        if button == "stop":
            set_stopped(key if stopped != key else None)
        elif button == "pin":
            set_pinned(risks)
        else:
            set_pinned(None)

    with tag("section", classes="fp-card", **{"aria-label": "Risks now"}):
        with tag("div", classes="fp-head"):
            tag("h2", f"Risks over {settings.horizon} weeks, at these settings")
            Buttons(label="Runs", buttons=_buttons(status, stopped == key, pinned, risks), event_press=press)
        _progress(status, risks, fresh, stopped == key)
        if status.error:
            tag("p", status.error, classes="fp-error", role="alert")
        elif risks is None or not risks.here.runs:
            tag("p", "The first runs are on their way …", classes="fp-empty fp-loading")
        else:
            _cards(risks, settings, fresh, change)
    if risks is not None and risks.here.runs:
        _curve(risks, pinned, settings, fresh, faults, change)
        if pinned is not None:
            _comparison(pinned, risks)
        _how(risks)


def _work(settings: Settings, report: Report, cancel: threading.Event) -> None:
    """Report the risks again and again as runs come in."""
    risks = start(settings, BANK)
    if risks.here.runs:  # else the last picture stays, greyed, until there is something to show
        report(risks)
    for sharper in computed(risks, BANK, cancel):
        drawn = report(sharper)
        if sharper.here.runs > risks.here.runs:
            drawn.result()  # what the reader waits for is not slowed by what comes after it
        risks = sharper


def _buttons(status: Status, stopped: bool, pinned: Risks | None, risks: Risks | None) -> list[dict[str, Any]]:
    over = not status.busy and not stopped
    return [
        {"id": "stop", "label": "Go on" if stopped else "Stop", "disabled": over, "title": "Stop or go on computing"},
        {"id": "pin", "label": "Pin this" if pinned is None else "Pin this instead", "kind": "fp-main",
         "disabled": risks is None or not risks.here.runs, "title": "Keep this scenario to compare with"},
        {"id": "unpin", "label": "Unpin", "disabled": pinned is None},
    ]  # fmt: skip


def _progress(status: Status, risks: Risks | None, fresh: bool, stopped: bool) -> None:
    share = risks.progress if risks is not None and fresh else 0.0
    done = fresh and risks is not None and risks.done
    runs = sum(point.runs for point in risks.points) if risks is not None and fresh else 0
    words = "done" if done else ("stopped" if stopped else ("computing" if status.busy else "waiting"))
    raw(
        f'<div class="fp-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * share:.0f}" aria-label="Runs computed" data-state="{words}" data-runs="{runs}" '
        f'data-for="{escape(risks.settings.query if risks is not None else "", quote=True)}">'
        f'<span style="width:{100 * share:.1f}%"></span></div><p class="fp-hint">{number(runs)} runs in: {words}</p>'
    )


def interval_words(row: dict[str, Any], unit: str) -> str:
    """Return an estimate's interval as the page writes it."""
    if row["mc_low"] is None or math.isnan(row["mc_low"]):
        return "no interval from so few runs"
    return f"{show(row['mc_low'], unit)} to {show(row['mc_high'], unit)}"


def _cards(risks: Risks, settings: Settings, fresh: bool, change: Change) -> None:
    rows = risks.here.estimates
    Cards(
        cards=[_card(name, rows[name], name == settings.outcome) for name in OUTCOMES],
        runs=risks.here.runs,
        stale=not fresh,
        event_pick=lambda name: change("outcome", name),
    )
    tag(
        "p", f"95% intervals for having made {number(risks.here.runs)} runs; what nobody knows is held at the "
        "scenario’s values, so the true uncertainty is wider. An exploratory model, not a forecast. ",
        tag("a", "Assumptions", href="#assumptions"), classes="fp-hint",
    )  # fmt: skip


def _card(name: str, row: dict[str, Any], picked: bool) -> dict[str, Any]:
    outcome, value = BY_NAME[name], row["estimate"]
    share = outcome.kind in (PROBABILITY, SHARE)
    words = chance(value).rpartition(",")[0] if share and value is not None else outcome.unit
    return {
        "name": name,
        "title": outcome.title,
        "big": "no run" if value is None else show(value, outcome.unit),
        "range": row["note"] if value is None else interval_words(row, outcome.unit),
        "words": words + (f" · {PRIOR}" if outcome.prior_driven else ""),
        "picked": picked,
        **exact(row),
    }


def exact(row: dict[str, Any]) -> dict[str, str]:
    """Return an estimate and its interval with every digit, as the page carries them beside what it shows."""
    return {key: repr(None if row[key] is None else float(row[key])) for key in ("estimate", "mc_low", "mc_high")}


def _line(risks: Risks, name: str, words: str, colour: int) -> charts.Line:
    shown = [(point.x, point.estimates[name]) for point in risks.points if point.runs]
    known = [(x, row) for x, row in shown if row["estimate"] is not None]
    return charts.Line(
        words,
        [x for x, _ in known],
        [float(row["estimate"]) for _, row in known],
        [_or(row["mc_low"], row["estimate"]) for _, row in known],
        [_or(row["mc_high"], row["estimate"]) for _, row in known],
        colour,
        dots=True,
    )


def _or(value: Any, other: Any) -> float:
    return float(other) if value is None or math.isnan(value) else float(value)


def _curve(
    risks: Risks, pinned: Risks | None, settings: Settings, fresh: bool, faults: dict[str, str], change: Change
) -> None:
    name, row = settings.outcome, CATALOGUE[risks.settings.along]
    outcome = BY_NAME[name]
    lines = [_line(risks, name, "these settings", 0)]
    if pinned is not None and pinned.settings.along == risks.settings.along:
        lines.append(_line(pinned, name, "pinned", 1))
    share = outcome.kind in (PROBABILITY, SHARE)
    top = max([*(end for line in lines for end in line.high), 1e-9])
    y = charts.nice_axis(min(top, 1.0) if share else top, share, outcome.unit if not share else "")
    x = _x_axis(risks, row)
    said = f"{outcome.title}, along {row.name}: " + "; ".join(
        f"at {x_value:g} {show(value, outcome.unit)}" for x_value, value in zip(lines[0].x, lines[0].y, strict=True)
    )
    with tag("section", classes="fp-card", **{"aria-label": "Risk curve"}):
        with tag("div", classes="fp-head"):
            tied = "; the truth moves with the belief" if is_tied(settings.world, settings.along) else ""
            tag("h2", outcome.title + (f" ({PRIOR})" if outcome.prior_driven else "") + tied)
            text_field(
                "along", "along", settings.along, faults, change,
                choices=[(each, levers.title(settings.world, each)) for each in dict.fromkeys([*ALONG, settings.along])
                         if each in levers.TITLES] or [(settings.along, settings.along)],
            )  # fmt: skip
        raw(charts.chart(lines, x, y, said, here=risks.here.x), "fp-tall" if fresh else "fp-tall fp-stale")
        fewest = min(point.runs for point in risks.points)
        runs = (
            number(risks.here.runs) if fewest == risks.here.runs else f"{number(fewest)} to {number(risks.here.runs)}"
        )
        tag("p", f"Bars: 95% Monte Carlo intervals from {runs} runs a point; seed {settings.seed}. The upright line is "
            "where the slider stands. An exploratory model, not a forecast.", classes="fp-hint")  # fmt: skip
        _numbers(risks, name)


def _x_axis(risks: Risks, row: Parameter) -> charts.Axis:
    values = [point.x for point in risks.points]
    low, high = values[0], values[-1]
    margin = 0.04 * (high - low) or 0.5
    ticks = [low + (high - low) * place / 4 for place in range(5)] if high > low else [low]
    return charts.Axis(
        low - margin, high + margin, [(t, f"{t:.3g}") for t in ticks], levers.axis_title(risks.settings.world, row.name)
    )


def _numbers(risks: Risks, name: str) -> None:
    """The numbers behind the curve, for readers and for checking."""
    unit = BY_NAME[name].unit
    rows = []
    for point in risks.points:
        if point.runs:
            row = point.estimates[name]
            value = "no run" if row["estimate"] is None else show(row["estimate"], unit)
            cells = (f"{point.x:g}", value, interval_words(row, unit), str(point.runs))
            rows.append((cells, {"x": repr(point.x), **exact(row)}))
    head = (risks.settings.along, "estimate", "95% interval", "runs")
    numbers = raw(charts.table(head, rows, f"fp-numbers fp-of-{name}"))
    tag("details", tag("summary", "The numbers"), numbers)


def _comparison(pinned: Risks, risks: Risks) -> None:
    """Paired differences from the pinned scenario."""
    rows = differences(pinned.here, risks.here)
    same = pinned.settings.seed == risks.settings.seed and pinned.settings.horizon == risks.settings.horizon
    with tag("section", classes="fp-card", **{"aria-label": "Comparison with the pinned scenario"}):
        tag("h2", "Against the pinned scenario")
        tag("p", _described(pinned.settings, risks.settings), classes="fp-hint")
        if pinned.here.world.digest == risks.here.world.digest:
            return
        if not same or not rows:
            tag("p", "The two have another seed or horizon: pin again to compare run against run.", classes="fp-empty")
            return
        lines = []
        for name, row in rows.items():
            unit, factor = BY_NAME[name].unit, row["variance_factor"]
            ends = f"{signed(row['mc_low'], unit)} to {signed(row['mc_high'], unit)}"
            worth = "" if factor is None else f"{factor:.3g}×"
            cells = (BY_NAME[name].title, signed(row["estimate"], unit), ends, worth)
            lines.append((cells, {"outcome": name, **exact(row)}))
        raw(charts.table(("outcome", "difference", "95% interval", "runs worth"), lines, "fp-compare"))
        runs = min(pinned.here.runs, risks.here.runs)
        tag("p", f"Here less pinned, run against run on the same draws ({number(runs)} pairs). “Runs worth”: how many "
            "times as many runs two independent samples would need. An exploratory model, not a forecast.",
            classes="fp-hint")  # fmt: skip


def signed(value: Any, unit: str) -> str:
    """Return a difference with its sign; points of a percentage for probabilities."""
    if value is None or math.isnan(value):
        return "unknown"
    return f"{100 * value:+.1f} pts" if unit in ("probability", "share") else f"{value:+.3g}"


def _described(pinned: Settings, now: Settings) -> str:
    """What differs between two settings, in words."""
    if pinned.scenario != now.scenario:
        return f"Pinned: {pinned.scenario} {' '.join(pinned.set_options)}."
    a, b = (world.to_dict() for world in (pinned.world, now.world))
    changed = [name for name in CATALOGUE if "*" not in name and _at(a, name) != _at(b, name)]
    if not changed:
        return "Pinned: the same settings as now; move a slider to see the difference."
    return (
        "Pinned with "
        + ", ".join(
            f"{lever_words(name)} {shown_value(name, _at(a, name))} (now {shown_value(name, _at(b, name))})"
            for name in changed[:6]
        )
        + "."
    )


def _at(data: dict[str, Any], name: str) -> Any:
    block, leaf = name.split(".")
    return data[block][leaf]


def _how(risks: Risks) -> None:
    """The command and the file that make the same numbers."""
    text = sweep_text(risks)
    with tag("section", classes="fp-card", **{"aria-label": "The same numbers again"}):
        tag("h2", "The same numbers again")
        tag("p", "Save the sweep file, then:", classes="fp-hint")
        tag("p", tag("code", "fragile-peace sweep dashboard.yaml && fragile-peace curves results/dashboard"),
            classes="fp-command")  # fmt: skip
        tag("details", tag("summary", "The sweep file"), tag("pre", text, classes="fp-pre"))
        Downloads(label="Files", files=[("Sweep file", "dashboard.yaml", "application/yaml", text.encode)])
