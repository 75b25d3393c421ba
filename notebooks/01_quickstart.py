# %% [markdown]
# # 1 Quickstart: one run, one game, one curve
#
# **Question.** A European force is to help keep a ceasefire in Ukraine, and Moscow calls it a
# "legitimate target". What would it take for such a ceasefire to hold, and where would it break?
#
# **What this is.** *Fragile Peace* is a model in which four kinds of actors (Russia, Ukraine, the
# contingents of the force, the United States) meet week after week at named places along the line,
# and choose. Each meeting is a small game whose solution is computed, not scripted. Chance does
# the rest, so one run is one story; many runs are a curve.
#
# **What this is not.** It is not a forecast, and it takes no side. A number below is a statement
# about the model and the assumptions put into it. In this notebook we look at one run, then into
# one of its games, then at one curve.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from fragile_peace import Scenario, chronicle, ordinary_run, simulate, solve_incident
from fragile_peace.codes import Event
from fragile_peace_lab import played, timeline, wilson
from fragile_peace_lab.reproduction import choose, key_numbers, show, table

# %% [markdown]
# ## One run watched
#
# A *scenario* fixes who sends how many soldiers where, under which rules of engagement, with which
# guarantee, and what everybody wants and believes. Twelve scenarios come with the model. This one is
# the default: 15,000 soldiers, most of them in the rear, small monitoring teams on the line.

# %%
world = Scenario.load("reassurance_15k")
print(world.title)
table(
    pd.DataFrame(
        {"contingent": [c.name for c in world.contingents], "thousand troops": world.troops}
    ),
    thousand_troops="{:g}",
)

# %% [markdown]
# Here are the first weeks of one run of seed 7, told in words. It is an ordinary one, by a rule: of
# the first eight runs it ends as most of them do, and of those that end so its violations on the
# line are nearest to the median. The chances in it are those with which the model drew what
# happened; the actors themselves do not know them. The same seed and run give the same story on
# every computer.
#
# A truce lives by *restraint*: a side that has ordered it pays for a breach. A quiet week lets
# restraint grow, any other erodes it. So a truce has two basins: in the calm one restraint is
# expected to rise, in the eroding one to fall, and the story says in which one the line is.

# %%
weeks = choose(20, 6)
chosen = ordinary_run(world, seed=7, weeks=weeks)
told = chronicle(world, seed=7, run=chosen.run, weeks=weeks, chosen=chosen)
print("\n".join(told.lines(96)))

# %% [markdown]
# The same run as a picture: what was recorded, who believed what, and how high the week climbed on
# the ladder from calm to war.

# %%
rows = played(world, seed=7, runs=chosen.run + 1, weeks=weeks)
rows = rows[rows["run"] == chosen.run]
show(timeline(world, 7, rows, weeks, why="the most ordinary of the first 8"))

# %% [markdown]
# ## One game opened
#
# In each week each place is a game: Russia and Ukraine choose whether to comply or to test the
# other, monitors see part of it, the contingent on the spot responds by its rules, Washington
# decides whether a guarantee is honoured, Russia replies. Nobody is sure what kind of opponent he
# faces, and everybody errs a little: the costlier a mistake, the rarer it is. The solution is
# called a *logit quantal response equilibrium* (McKelvey and Palfrey 1998). This is the first move
# at Pokrovsk in the first week, for a Russia that means its threat and for one that bluffs.

# %%
game = solve_incident(world, world.place_index("Pokrovsk"))
first = pd.DataFrame(game.table["p_R"], columns=["comply", "probe", "raid", "strike"])
first.insert(0, "Russia is", ["bluffing", "committed"])
table(first, comply="{:.1%}", probe="{:.1%}", raid="{:.1%}", strike="{:.4%}")

# %% [markdown]
# A strike on the force is rare even for a Russia that means its threat, and hundreds of times
# rarer for one that bluffs: that difference is what a strike tells the others about Moscow. The
# next notebook takes this game apart and lets an independent program check it.
#
# ## One curve
#
# Now many runs. We turn one knob, how loudly Moscow threatens the force, and count the runs in
# which a European soldier is struck or killed within a year. A death may be *meant*, in a strike,
# or *collateral*: a patrol caught in a probe or a raid that the two sides aimed at each other, in a
# place where violence is high. Every level of the threat meets the same random draws, so that the
# levels differ by the threat alone.

# %%
levels = [0.0, 0.25, 0.5, 0.75, 1.0]
runs = choose(400, 20)
outcomes = simulate(
    [world.override({"threat.level": level}) for level in levels], runs, seed=1, weeks=52
)
hits = outcomes["happened"][:, :, Event.STRIKE_OR_DEATH].sum(axis=1)
share = hits / runs
interval = wilson(share, runs)
counted = {
    "threat level": levels,
    "runs": runs,
    "struck or killed": share,
    "low": interval.low,
    "high": interval.high,
}
table(pd.DataFrame(counted), struck_or_killed="{:.1%}", low="{:.1%}", high="{:.1%}")

# %%
figure, axes = plt.subplots(figsize=(6.4, 3.4))
axes.fill_between(levels, interval.low, interval.high, alpha=0.3, color="#0072B2", linewidth=0)
axes.plot(levels, share, marker="o", color="#0072B2")
axes.set(
    xlabel="how loudly the force is called a legitimate target", ylabel="share of runs", ylim=(0, 1)
)
axes.set_title("A strike on Europeans, or a European death, within a year", loc="left", fontsize=10)
axes.spines[["top", "right"]].set_visible(False)
axes.text(
    0.01,
    0.03,
    f"{runs} runs a point; band: 95 % for the number of runs",
    transform=axes.transAxes,
    fontsize=8,
)
show(
    figure,
    alt="Share of runs with a strike on Europeans or a European death against the level of the threat.",
)

# %% [markdown]
# **What it means.** With the default assumptions, this is how the risk to the soldiers moves with
# the loudness of the threat. The band is narrow because it shows only how many runs we made.
#
# **What it does not mean.** It does not show how little anybody knows about the assumptions
# themselves: how committed Moscow is, how much Washington's word is worth, what a strike would
# gain. Notebook 3 samples those, and its bands are far wider. A curve without that second band
# should not be published.

# %%
key_numbers(
    ordinary_run=chosen.run,
    weeks_played=int(told.outcomes["weeks"]),
    highest_rung=str(told.outcomes["rung"]),
    recorded_violations=int(told.outcomes["line_recorded"]),
    strike_by_committed_russia=float(first["strike"][1]),
    strike_by_bluffing_russia=float(first["strike"][0]),
    struck_or_killed_quiet_threat=float(share[0]),
    struck_or_killed_loud_threat=float(share[-1]),
)
