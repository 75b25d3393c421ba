# %% [markdown]
# # 3 Risk curves: the published results
#
# **Question.** How do violations and the risk of escalation move with Moscow's "legitimate
# targets" threat, for each rule of engagement, on the line of contact and in the bases behind it?
#
# **Method.** The default sweep runs the model at every combination of five threat levels and three
# rules of engagement. At each it meets the same sample of *what nobody knows*: how credible the
# threat and the American guarantee are, what a strike is worth to Moscow, what deaths do to
# European support, what a return to war would gain and cost. Each of these worlds is run many
# times. All settings share their random draws, so that they differ by the levers alone.
#
# This notebook computes nothing anew. It reads the tables in `results/legitimate_targets`, which
# `fragile-peace reproduce` makes again from nothing and compares.

# %%
from pathlib import Path

import pandas as pd

from fragile_peace_lab import design_of, read_manifest
from fragile_peace_lab.reproduction import key_numbers, published, table

folder = Path("../results/legitimate_targets")
manifest = read_manifest(folder)
sweep = manifest["sweep"]
settings = 1
for values in sweep["levers"].values():
    settings *= len(values)
members = manifest["points"] // settings
print(f"{manifest['rows']:,} runs of {sweep['weeks']} weeks: {settings} settings of the levers")
print(
    f"x {members} samples of {len(sweep['uncertainties'])} unknowns x {manifest['runs']} runs, seed {manifest['seed']}"
)

# %% [markdown]
# ## The picture

# %%
published(folder, "risk_curves")

# %% [markdown]
# **How to read it.** Each panel holds one curve and two bands that are never merged. The dark one
# is *Monte Carlo error*: it would shrink with more runs. The light one is *parameter uncertainty*:
# how far the curve moves between worlds that are all compatible with what is assumed. It would
# shrink only with knowledge. Panels marked *informed by reference classes* rest on the decision to
# go back to war. No record of this war informs it; what is known is how often wars of three kinds
# came back, and the panels show what follows from that likeness, no more.
#
# ## The numbers behind it
#
# The loudest threat against silence, under each rule of engagement, with both bands.

# %%
tables = {
    name: pd.read_csv(folder / "estimates" / f"{name}.csv")
    for name in ("frequencies", "probabilities", "comparisons")
}
mixed = pd.concat([tables["frequencies"], tables["probabilities"]])
mixed = mixed[mixed["type"] == "mixed"]
by = mixed.set_index(["outcome", "mandate.roe", "threat.level"]).sort_index()
wanted = [
    "violations_recorded_line",
    "strike_or_death",
    "exchange_of_fire",
    "collapse",
    "nato_russia_war",
]
low, high = mixed["threat.level"].min(), mixed["threat.level"].max()
rows = []
for outcome in wanted:
    for roe in sweep["levers"]["mandate.roe"]:
        for level in (low, high):
            row = by.loc[outcome, roe, level]
            scale, unit = (100, " %") if row["unit"] == "probability" else (1, "")
            rows.append(
                {
                    "outcome": row["title"] + (" (turns on war)" if row["prior_driven"] else ""),
                    "rules": roe.replace("_", "-"),
                    "threat": level,
                    "estimate": f"{scale * row['estimate']:.3g}{unit}",
                    "Monte Carlo error, 95 %": f"{scale * row['mc_low']:.3g} to {scale * row['mc_high']:.3g}",
                    "parameter uncertainty, 90 %": f"{scale * row['param_low']:.3g} to {scale * row['param_high']:.3g}",
                }
            )
table(pd.DataFrame(rows))

# %% [markdown]
# ## Does the threat move anything?
#
# Two wide bands may overlap and yet differ for certain, because the same worlds and the same draws
# stand behind both. So we ask world by world and run by run: what changes when *only* the threat
# goes from silent to loudest? A difference whose Monte Carlo interval spans zero is one that these
# runs cannot tell from none. A parameter band on both sides of zero says that the direction itself
# depends on what nobody knows.

# %%
paired = tables["comparisons"]
paired = paired[(paired["lever"] == "threat.level") & (paired["threat.level"] == high)]
rows = []
for _, row in paired[paired["outcome"].isin(wanted)].iterrows():
    scale, unit = (100, " points") if row["unit"] == "probability" else (1, "")
    moves = (
        "not told apart from none"
        if row["mc_low"] <= 0 <= row["mc_high"]
        else "up"
        if row["estimate"] > 0
        else "down"
    )
    rows.append(
        {
            "outcome": row["title"],
            "rules": row["mandate.roe"].replace("_", "-"),
            "difference": f"{scale * row['estimate']:+.3g}{unit}",
            "Monte Carlo error, 95 %": f"{scale * row['mc_low']:+.3g} to {scale * row['mc_high']:+.3g}",
            "over the unknowns, 90 %": f"{scale * row['param_low']:+.3g} to {scale * row['param_high']:+.3g}",
            "the threat moves it": moves,
        }
    )
table(pd.DataFrame(rows))

# %% [markdown]
# ## Belief and fact
#
# That others *believe* Moscow and that Moscow *means it* are two things. The sweep holds the truth
# fixed and moves the belief. The last panel of the figure shows what happens when the truth moves
# along. Here are the same risks in the runs in which Russia in truth was bluffing, and in those in
# which it was committed, at the middle threat level under self-defence.

# %%
levels = sorted(mixed["threat.level"].unique())
middle = levels[len(levels) // 2]
kinds = {"russia_bluffing": "bluffing in truth", "russia_committed": "committed in truth"}
part = tables["probabilities"]
part = part[
    (part["threat.level"] == middle)
    & (part["mandate.roe"] == "self_defence")
    & part["type"].isin(kinds)
]
part = part[part["outcome"].isin(["strike_or_death", "exchange_of_fire", "collapse"])]
truth = (
    part.pivot(index="title", columns="type", values="estimate")[list(kinds)]
    .rename(columns=kinds)
    .reset_index()
)
table(truth.rename(columns={"title": "outcome"}), **dict.fromkeys(kinds.values(), "{:.0%}"))

# %% [markdown]
# ## What was assumed
#
# Every unknown with its range. Where a record bears on it, the sweep file says which; most ranges
# are assumptions.

# %%
rows = []
for field in design_of(folder).schema:
    about = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    if about.get("role") == "uncertainty":
        kind, arguments = next(
            iter(sweep["uncertainties"].get(field.name, {"calibrated posterior": []}).items())
        )
        words = f"{kind} {', '.join(map(str, arguments))}"
        rows.append({"unknown": field.name, "what it is": about.get("text", ""), "prior": words})
table(pd.DataFrame(rows))

# %% [markdown]
# **What it means.** Under these assumptions, read off the tables above: which outcomes the threat
# moves, in which direction, and whether that direction survives our ignorance. The rules of
# engagement decide how often shots are exchanged far more than the threat does.
#
# **What it does not mean.** Not that the ceasefire has this chance of collapsing. The block that
# decides about war is made of likenesses to other wars, and the light band says how little they settle. Nor
# that speaking more quietly would change what Moscow does: the threat is a knob here, nobody in
# the model chooses it.
#
# Every figure and table of the sweep is in `results/legitimate_targets`; `report.html` there is
# the version for readers without Python. `results/README.md` says which command makes each number.

# %%
numbers = {}
for outcome in wanted:
    for roe in sweep["levers"]["mandate.roe"]:
        numbers[f"{outcome}_{roe}_loud"] = float(by.loc[outcome, roe, high]["estimate"])
curves = pd.read_csv(folder / "figures" / "risk_curves.csv")
panels = curves.loc[
    curves["mandate.roe"].notna(), "outcome"
].nunique()  # rows of panels by rules of engagement
key_numbers(runs=manifest["rows"], points=manifest["points"], panels=panels, **numbers)
