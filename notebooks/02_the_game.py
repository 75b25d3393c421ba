# %% [markdown]
# # 2 The game behind an incident
#
# **Question.** What exactly do the actors play when something happens at the line, and is the
# model's solution right?
#
# **Method.** We open the game of one place in one week, read its payoffs, watch the solution move
# as Moscow's threat grows louder, and then hand the same game to
# [Gambit](https://www.gambit-project.org), the standard program for computing with games, and let
# it judge.
#
# ## Who moves, and who knows what
#
# 1. Nature decides whether Russia is *committed* to its threat or *bluffing*, and whether
#    Washington is *steadfast* or
#    *reluctant*. Each knows its own type; the others only have a belief.
# 2. Russia and Ukraine choose at the same time: **comply**, **probe** or **raid**; Russia may also
#    **strike** the
#    force.
# 3. Chance decides whether soldiers die and what the monitors make of it: Russia's doing,
#    Ukraine's, disputed, or nothing. In a probe or a raid the danger to them follows the violence
#    of the place; a strike is aimed at them. Disputed is a breach that was seen and laid at
#    nobody's door, or a false alarm that liaison did not settle. Where both broke the ceasefire
#    and both could be named, the report leads with either, half and half.
# 4. The contingent that leads at this place **reports**, **fires** back if its rules allow, or
#    **pulls back**.
# 5. If the guarantee is invoked, Washington **declines**, **sanctions** or **honours** it.
# 6. Russia **stands down**, **holds** or **escalates**.
#
# The tree has some two thousand nodes, and a game like it is played at every place in every week
# of every run.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from fragile_peace import Scenario, incident_tree, solve_incident
from fragile_peace.codes import Action, Response
from fragile_peace.proof import (
    check_incident,
    incident_efg,
    kernel_strategy,
    logit,
    read_efg,
    read_off,
    word,
)
from fragile_peace_lab.reproduction import choose, key_numbers, show, table

world = Scenario.load("reassurance_15k")
place = world.place_index("Pokrovsk")
game = solve_incident(world, place)
tree = incident_tree(world, place, game.state)
nodes, sets = sum(1 for _ in tree.nodes()), tree.infosets()
print(
    f"{tree.title}: {nodes:,} nodes, {len(sets)} information sets, players {', '.join(tree.players)}"
)

# %% [markdown]
# ## What is at stake
#
# A payoff is what an actor expects from an action, given what it knows and how the others play.
# The table reads every such payoff off the tree: the column *probability* is what the actor plays.
# The rule that ties the two is
#
# $$ P(a) = \frac{w_a\, e^{\lambda u(a)}}{\sum_{a'} w_{a'}\, e^{\lambda u(a')}} . $$
#
# The weight $w_a$ is 1, but for a strike on the line: there it is the length of the place in
# hundreds of kilometres, since a longer place offers more opportunities for it. Better actions are
# likelier, none is certain. The *precision* λ says how strongly payoffs rule: at λ = 0 play is
# random, as λ grows it approaches best responses. Because each payoff depends on how the others
# play, all the probabilities must be found together. That is the equilibrium.

# %%
readings = read_off(
    tree, lambda infoset: [kernel_strategy(game, infoset)[a] for a in infoset.actions]
)
rows = [
    {
        "player": reading.infoset.player,
        "knows": reading.infoset.known,
        "action": word(action),
        "payoff": reading.values[i],
        "probability": reading.probabilities[i],
    }
    for reading in readings
    if reading.infoset.kind in ("russia", "ukraine")
    for i, action in enumerate(reading.infoset.actions)
]
table(pd.DataFrame(rows), payoff="{:.3f}", probability="{:.3%}")

# %% [markdown]
# A breach has a price beside being blamed: it disobeys the orders of a truce, the more so the more
# restraint is left. Where little is left, small breaches cost little and are therefore common; that
# is the noise of every ceasefire line on record. A strike is costly for both types, but much less
# so for a committed Russia. So a strike, should it come, is informative: it moves the belief that
# Moscow means it, and with it what the contingent and Washington do next.

# %%
struck = [r for r in readings if r.infoset.kind == "response" and "russia" in r.infoset.label]
answers = pd.DataFrame(
    [
        {
            "the contingent saw": "a Russian breach, "
            + ("with deaths" if r.infoset.knows[1] else "without deaths"),
            "committed, it believes": r.belief["committed"],
            **{word(a): p for a, p in zip(r.infoset.actions, r.probabilities, strict=True)},
        }
        for r in struck
    ]
)
table(answers, **dict.fromkeys(answers.columns[1:], "{:.1%}"))

# %% [markdown]
# ## When the threat grows louder
#
# We now raise the threat level from 0 to 1, solve the game at each level, and draw four of the
# probabilities.

# %%
levels = [i / 40 for i in range(0, 41, choose(1, 10))]
solved = [solve_incident(world.override({"threat.level": level}), place).table for level in levels]
deadly = 1  # the signal "Russia", with deaths
curves = {
    "Russia strikes, if committed": [float(t["p_R"][1][Action.STRIKE]) for t in solved],
    "Russia strikes, if bluffing": [float(t["p_R"][0][Action.STRIKE]) for t in solved],
    "the contingent fires back at a deadly strike": [
        float(t["response"][2 + deadly][Response.FIRE]) for t in solved
    ],
    "the contingent pulls back after it": [
        float(t["response"][2 + deadly][Response.PULL_BACK]) for t in solved
    ],
}
figure, panels = plt.subplots(2, 2, figsize=(8.4, 5), sharex=True, layout="constrained")
for axes, (title, values), colour in zip(
    panels.flat, curves.items(), ["#C44E00", "#A3487E", "#00805E", "#0072B2"], strict=True
):
    axes.plot(levels, values, color=colour, linewidth=2)
    axes.set(xlim=(0, 1), ylim=(0, max(max(values) * 1.15, 1e-9)))
    axes.set_title(title, loc="left", fontsize=9)
    axes.yaxis.set_major_formatter(
        lambda value, _: f"{value:.3%}" if value < 0.001 else f"{value:.1%}"
    )
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
figure.supxlabel("threat level", fontsize=9)
show(
    figure,
    alt="Four probabilities of the incident game at Pokrovsk against the threat level: "
    + ", ".join(curves),
)

# %% [markdown]
# **How to read it.** The threat enters the game in three ways. It raises what a committed Russia
# gains by a strike, and what it loses by backing down after having spoken so loudly (an *audience
# cost*, Fearon 1997); and it raises the fear of a contingent that thinks Russia committed. The
# panels have scales of their own: compare shapes, not heights.
#
# ## The same game, solved by Gambit
#
# We write the game as an `.efg` file, let Gambit read it back, and give it our strategies. Gambit
# then computes, with its own arithmetic on its own tree, what each action is worth; the rule above
# turns those payoffs into the probabilities that *should* be played. If ours are an equilibrium,
# the two columns agree.

# %%
text = incident_efg(world, place, game.state)
print(
    "\n".join(line[:96] for line in text.splitlines()[:5]),
    f"\n... {len(text.splitlines()):,} lines",
)

# %%
try:
    import pygambit  # noqa: F401
except ImportError:
    beside = None
    print(
        "pygambit is not installed here (it is a development dependency): the comparison is left out"
    )
else:
    theirs = read_efg(text)
    profile = theirs.mixed_behavior_profile()
    labelled = {infoset.label: infoset for infoset in theirs.infosets}
    for infoset in sets:
        played = kernel_strategy(game, infoset)
        profile[labelled[infoset.label]] = [played[action] for action in infoset.actions]
    precision = dict(zip(tree.players, tree.precisions, strict=True))
    beside = []
    for infoset in sets:
        if infoset.kind in ("russia", "ukraine"):
            values = [profile.action_value(action) for action in labelled[infoset.label].actions]
            for action, p in zip(
                infoset.actions,
                logit(values, precision[infoset.player], infoset.opportunities),
                strict=True,
            ):
                ours = kernel_strategy(game, infoset)[action]
                beside.append((infoset.label, word(action), f"{ours:.10f}", f"{p:.10f}"))
    table(
        pd.DataFrame(beside, columns=["information set", "action", "ours", "by Gambit's payoffs"])
    )

# %% [markdown]
# That was the first move. Here is the largest disagreement over *all* information sets of the game
# that are ever reached, by kind of move. The test suite does the same for hundreds of games with
# random parameters (`make verify-games`), and follows Gambit's own path of solutions for some of
# them.

# %%
agrees = None
if beside is not None:
    check = check_incident(game)
    agrees = check.deviation < 1e-8
    for kind, deviation in check.by_kind().items():
        print(f"{kind:10} agrees within 1e-8: {'yes' if deviation < 1e-8 else 'NO'}")
    print(f"{len(check.comparisons)} information sets compared, {check.unreached} never reached")

# %% [markdown]
# **What it means.** The probabilities that drive every run are the equilibrium of the game as
# written down, to ten digits, by an independent program's account. An objection to the model can
# therefore go where it belongs: to the payoffs and the order of moves.
#
# **What it does not mean.** That real governments play this game, or have these payoffs. Most of
# the sizes are assumptions; `fragile-peace show reassurance_15k` lists each with its source or
# that word.

# %%
key_numbers(
    nodes=nodes,
    information_sets=len(sets),
    strike_if_committed_quiet=curves["Russia strikes, if committed"][0],
    strike_if_committed_loud=curves["Russia strikes, if committed"][-1],
    strike_if_bluffing_loud=curves["Russia strikes, if bluffing"][-1],
    fires_back_loud=curves["the contingent fires back at a deadly strike"][-1],
    gambit_agrees_within_1e_8="not installed" if agrees is None else agrees,
)
