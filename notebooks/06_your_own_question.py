# %% [markdown]
# # 6 Your own question
#
# **Question.** Yours. As an example: *if twice as many of the soldiers went on patrol as monitors,
# would that make the ceasefire better, or only better documented?* And does the answer depend on
# how loudly the force is threatened?
#
# **Method.** Four steps: write a scenario, write a sweep, run it, read it. You need a text editor
# and two commands; here they are called from Python, so that the notebook can be executed as a
# whole.
#
# ## 1 Write a scenario
#
# A scenario file names the one it starts from and says only what is different. `fragile-peace show
# reassurance_15k` lists everything that can be changed, with units, bounds and sources. A misspelt
# name or a value out of bounds is refused with a line that says what is allowed.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from fragile_peace import Scenario
from fragile_peace.errors import InputError
from fragile_peace_lab import OUTCOMES, Runs, comparison_table, estimate_table, needed, run_sweep
from fragile_peace_lab.reproduction import choose, key_numbers, show, table

base = Scenario.load("reassurance_15k")
workshop = tempfile.TemporaryDirectory()  # yours would be a folder of your own
desk = Path(workshop.name)
(desk / "more_patrols.yaml").write_text(
    f"""\
name: more_patrols
title: The reassurance force with twice the share of its soldiers on patrol
base: reassurance_15k
monitoring:
  patrol_share: {2 * base.get("monitoring.patrol_share"):g}
"""
)
world = Scenario.load(desk / "more_patrols.yaml")
print(
    f"monitoring.patrol_share: {base.get('monitoring.patrol_share'):g} -> {world.get('monitoring.patrol_share'):g}"
)

# %% [markdown]
# Scenario files are read strictly. This is what a slip looks like:

# %%
try:
    world.override({"monitoring.patrol_shar": 0.3})
except InputError as error:
    print("error:", error)

# %% [markdown]
# ## 2 Write a sweep
#
# A sweep says what varies. *Levers* are what somebody chooses; every combination of them is run.
# *Uncertainties* are what nobody knows; they are sampled, and every combination of levers meets
# the same sample. Name at least the ones that your question turns on, or your band will claim to
# know them.

# %%
(desk / "patrols.yaml").write_text(
    f"""\
name: patrols
title: More patrols, at three levels of threat
base: [reassurance_15k, more_patrols.yaml]    # two scenarios: the scenario itself becomes a lever
weeks: 52
seed: 1
levers:
  threat.level: [0.0, 0.5, 1.0]
uncertainties:
  threat.credibility: {{uniform: [0.05, 0.6]}}
  guarantee.credibility: {{uniform: [0.1, 0.7]}}
  russia.strike_value: {{uniform: [2.6, 3.5]}}
  support.hit: {{loguniform: [0.03, 0.12]}}
design:
  uncertainties: {{sobol: {choose(16, 2)}}}
runs: {choose(30, 4)}
"""
)
print((desk / "patrols.yaml").read_text())

# %% [markdown]
# ## 3 Run it
#
# On the command line: `fragile-peace sweep patrols.yaml`, and `fragile-peace sweep patrols.yaml
# --dry-run` first to see what it takes. Interrupt it when you like; `--resume` goes on, to the
# same bits.

# %%
folder = run_sweep(desk / "patrols.yaml", out=desk / "patrols", progress="none")
runs = Runs.load(folder, needed())
print(f"{len(runs.settings)} settings x {runs.members} samples of the unknowns x {runs.draws} runs")

# %% [markdown]
# ## 4 Read it
#
# On the command line: `fragile-peace report patrols` writes the tables, all figures and a page
# that stands alone. Here we draw the one curve that we asked for, with both bands.

# %%
asked = ("violations_true_line", "violations_recorded_line")
estimates = estimate_table(runs, tuple(OUTCOMES[name] for name in asked), ("mixed",))
figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.4), layout="constrained")
looks = {
    "reassurance_15k": ("#0072B2", "as announced"),
    "more_patrols": ("#C44E00", "twice the patrols"),
}
for axes, name in zip(panels, asked, strict=True):
    for (scenario, (colour, words)), side in zip(looks.items(), (-0.012, 0.012), strict=True):
        rows = estimates[
            (estimates["outcome"] == name) & (estimates["scenario"] == scenario)
        ].sort_values("threat.level")
        x = rows["threat.level"].to_numpy(float) + side
        axes.vlines(x, rows["param_low"], rows["param_high"], color=colour, alpha=0.25, linewidth=7)
        axes.vlines(x, rows["mc_low"], rows["mc_high"], color=colour, linewidth=2)
        axes.plot(x, rows["estimate"], "o-", color=colour, markersize=4, linewidth=1, label=words)
    axes.set_title(f"{rows['title'].iloc[0]}\n({rows['unit'].iloc[0]})", loc="left", fontsize=9)
    axes.set(ylim=(0, None), xticks=[0, 0.5, 1], xlabel="threat level")
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
panels[0].legend(frameon=False, fontsize=8, loc="lower left")
show(
    figure,
    alt="Two outcomes against the threat level for two shares of soldiers on patrol, with both bands.",
)

# %% [markdown]
# Light bars: parameter uncertainty, 90 %. Dark bars: Monte Carlo error, 95 %. With so few runs
# both are wide. But the two forces met the same worlds and the same draws, so we may ask for the
# *difference*, which is known much better:

# %%
paired = comparison_table(runs)
paired = paired[
    (paired["lever"] == "scenario") & paired["outcome"].isin((*asked, "european_death"))
]
shown = paired[
    ["title", "unit", "threat.level", "estimate", "mc_low", "mc_high", "param_low", "param_high"]
]
table(
    shown, **dict.fromkeys(("estimate", "mc_low", "mc_high", "param_low", "param_high"), "{:+.3g}")
)

# %%
middle = paired[paired["threat.level"] == 0.5].set_index("outcome")["estimate"]
print(
    "Twice the patrols, at the middle threat level: "
    f"{middle['violations_true_line']:+.1f} violations per 100 km and week, "
    f"{middle['violations_recorded_line']:+.1f} recorded"
)

# %% [markdown]
# The `estimate` is "twice the patrols" less "as announced". Where `mc_low` and `mc_high` have
# different signs, more runs are needed (`runs: 200`, then `--resume`: earlier runs are kept).
# Where `param_low` and `param_high` do, more runs will not help: the answer depends on something
# nobody knows, and *that* is the finding.
#
# ## A new mechanism
#
# If your question needs something that the model does not have, say a ground sensor that makes
# disputed incidents rarer, `docs/extending.md` adds one in six small steps: a parameter with
# bounds and a source; its line in the formula; the equation in `docs/model.md`; the same term in
# the tree that Gambit checks; a test. The test suite executes those steps. Nothing else needs to
# know: command line, sweeps, tables and documentation read the new parameter from its declaration.
#
# ## The same on the command line
#
# ```
# make setup
# .venv/bin/fragile-peace show reassurance_15k
# cat > mine.yaml <<'END'
# name: mine
# base: reassurance_15k
# set:
#   monitoring.patrol_share: 0.2               # the changed scenario: twice the patrols
#   threat.sincerity: 0.2                      # what is true is held fixed, so that what others believe moves alone
#   guarantee.sincerity: 0.35
# levers: {threat.level: [0.0, 0.5, 1.0]}
# uncertainties:
#   threat.credibility: {uniform: [0.05, 0.6]}
#   guarantee.credibility: {uniform: [0.1, 0.7]}
# design: {uncertainties: {sobol: 16}}
# runs: 50
# seed: 1
# weeks: 52
# END
# .venv/bin/fragile-peace sweep mine.yaml --dry-run
# .venv/bin/fragile-peace sweep mine.yaml
# .venv/bin/fragile-peace report results/mine
# ```
#
# **What it does not mean.** A sweep answers for the world that you wrote. Before you publish a
# curve, vary what you held fixed, look at the runs behind a surprise (`fragile-peace replay
# results/mine --point 0 --run 0`), and say which assumptions it rests on.

# %%
by = estimates.set_index(["outcome", "scenario", "threat.level"])["estimate"]
difference = paired[paired["outcome"] == "violations_recorded_line"].set_index("threat.level")[
    "estimate"
]
key_numbers(
    runs=int(len(runs.settings) * runs.members * runs.draws),
    violations_as_announced_loud=float(by["violations_true_line", "reassurance_15k", 1.0]),
    violations_more_patrols_loud=float(by["violations_true_line", "more_patrols", 1.0]),
    recorded_difference_loud=float(difference[1.0]),
    every_point_has_all_runs=bool(np.all(runs.column("weeks") > 0)),
)
workshop.cleanup()
