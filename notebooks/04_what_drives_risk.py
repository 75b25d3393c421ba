# %% [markdown]
# # 4 What drives the risk
#
# **Question.** Two questions, in fact. Of all that nobody knows, *which* unknowns decide the
# outcome, so that learning them would teach us most? And of the designs on the table, from a force
# on the line to no force at all, which differ in the model by more than chance?
#
# **Method.** For the first, the variance of each outcome is split among the unknowns (Sobol's
# indices). For the second, the scenarios that come with the model are compared under common random
# numbers.
#
# ## Which unknowns matter
#
# Imagine the outcome as a quantity that varies because we do not know more than a dozen things.
# Learn one of them: by how much does the variance fall, on average? That share is its
# *first-order* index. Learn all the others instead: what remains is its *total* index, which
# counts what it does together with them. A long light bar behind a short dark one is an unknown
# that matters only in company.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from fragile_peace import Scenario, shipped
from fragile_peace_lab import (
    OUTCOMES,
    Runs,
    Sweep,
    comparison_table,
    estimate_table,
    needed,
    read_manifest,
    run_sweep,
)
from fragile_peace_lab.reproduction import choose, key_numbers, published, show, table

folder = Path("../results/sensitivity")
manifest = read_manifest(folder)
unknowns = list(manifest["sweep"]["uncertainties"])
print(
    f"{manifest['rows']:,} runs at {manifest['points']:,} points, {len(unknowns)} unknowns, seed {manifest['seed']}"
)

# %%
published(folder, "sensitivity")

# %% [markdown]
# The three strongest for each outcome, with the numbers behind the picture. An index whose
# interval reaches down to zero has not been told apart from none.

# %%
drivers = pd.read_csv(folder / "figures" / "sensitivity.csv")
top = drivers[drivers["rank"] <= 3]
shown = top[
    [
        "title",
        "rank",
        "uncertainty",
        "first",
        "first_low",
        "first_high",
        "total",
        "total_low",
        "total_high",
    ]
]
table(shown, **dict.fromkeys(shown.columns[3:], "{:.2f}"))

# %% [markdown]
# **What it means.** The picture is a reading list: the unknowns at the top of a panel are those
# whose study would narrow that outcome most. Where they belong to the war block (`war`,
# `war_response`), there is no record to study, and the honest reading is that the outcome is
# decided by an assumption. That goes for violations and deaths as well, as far as a ceasefire that
# ends early leaves less time for them.
#
# **What it does not mean.** An index speaks about the ranges that were put in. An unknown that was
# sampled narrowly looks harmless. And it splits the variance *in the model*: what the model leaves
# out has no bar.
#
# ## Which designs differ
#
# Now the scenarios. Each is run with the same run numbers, and run 17 of one meets the same dice
# as run 17 of another: the same hot-headed sergeant on the same foggy night. So we may subtract
# run from run before averaging, and the luck that both share cancels.

# %%
names = [name for name in shipped() if not name.startswith("donbas")]
table(
    pd.DataFrame(
        [(name, Scenario.load(name).title) for name in names], columns=["scenario", "what it is"]
    )
)

# %%
workshop = tempfile.TemporaryDirectory()
sweep = Sweep.from_dict(
    {"name": "designs", "base": names, "runs": choose(300, 10), "seed": 4, "weeks": 52}
)
runs = Runs.load(run_sweep(sweep, Path(workshop.name) / "designs", progress="none"), needed())
wanted = ("violations_recorded_line", "european_death", "exchange_of_fire", "collapse")
paired = comparison_table(runs)
paired = paired[paired["outcome"].isin(wanted)]
alone = estimate_table(runs, tuple(OUTCOMES[name] for name in wanted), ("mixed",))

# %% [markdown]
# Each point is the difference from the default, `reassurance_15k`, within a year; the bar is the
# 95 % Monte Carlo interval of the paired difference. These are the scenarios as declared, without
# their unknowns: the bars say how many runs we made, not how little is known.

# %%
others = names[1:]
figure, panels = plt.subplots(1, 4, figsize=(10.5, 3.6), sharey=True, layout="constrained")
for axes, name in zip(panels, wanted, strict=True):
    rows = paired[paired["outcome"] == name].set_index("scenario").loc[others]
    scale = 100 if rows["unit"].iloc[0] == "probability" else 1
    height = range(len(others))
    axes.axvline(0, color="#595959", linewidth=0.8)
    axes.hlines(
        height, scale * rows["mc_low"], scale * rows["mc_high"], color="#0072B2", linewidth=3
    )
    axes.plot(scale * rows["estimate"], height, "o", color="#0072B2", markersize=5)
    unit = "percentage points" if scale == 100 else rows["unit"].iloc[0]
    prior = "\nprior-driven" if rows["prior_driven"].iloc[0] else ""
    axes.set_title(
        OUTCOMES[name].title.replace(" on the line of contact", ",\non the line") + prior,
        loc="left",
        fontsize=8.5,
    )
    axes.set_xlabel(unit, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
panels[0].set_yticks(range(len(others)), others)
panels[0].invert_yaxis()
show(
    figure,
    alt="Paired differences of four outcomes between each scenario and the default, with 95 % intervals.",
)

# %% [markdown]
# What the pairing buys: how many times more runs an unpaired comparison would have needed for the
# same interval.

# %%
gain = (
    paired.pivot(index="scenario", columns="title", values="variance_factor")
    .loc[others]
    .reset_index()
)
table(gain, **dict.fromkeys(gain.columns[1:], "{:.1f}"))

# %% [markdown]
# A factor near 1 says that the two worlds have drifted so far apart that they no longer share
# their luck, and a factor below 1 that the dice happen to work against each other. An empty cell:
# no difference in any run.
#
# **What it means.** Where a bar stays clear of the line at zero, the design differs from the
# default in the model, with everything else as declared. The differences in recorded violations
# are partly differences in *seeing*: a mission with fewer eyes records fewer violations. Compare
# with true ones before you praise it.
#
# **What it does not mean.** Not a ranking of policies. Each scenario bundles many choices, the
# declared values are one point in a wide space, and the column of collapse rests on the block that
# no record informs.

# %%
drop = paired.set_index(["outcome", "scenario"])["estimate"]
strongest = drivers[drivers["rank"] == 1].set_index("outcome")
key_numbers(
    **{
        f"first_driver_of_{name}": str(strongest.loc[name, "uncertainty"])
        for name in strongest.index
    },
    **{f"its_total_index_{name}": float(strongest.loc[name, "total"]) for name in strongest.index},
    **{f"death_{name}_less_default": float(drop["european_death", name]) for name in others},
    collapse_by_default=float(
        alone[(alone["outcome"] == "collapse") & (alone["scenario"] == names[0])]["estimate"].iloc[
            0
        ]
    ),
)
workshop.cleanup()
