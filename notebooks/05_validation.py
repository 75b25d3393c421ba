# %% [markdown]
# # 5 Validation: what the record of the Donbas says
#
# **Question.** No European force has ever stood between Russia and Ukraine. But for seven years
# international monitors counted, on 420 kilometres of the Donbas, what the two sides did to a
# ceasefire. Does the model, set up as that line was, show what they recorded? And what does that
# record *not* pin down?
#
# **Method.** The two scenarios `donbas_2019` and `donbas_truce_2020` have the same kernels as all
# others, with unarmed monitors, no force and no guarantee; `kashmir_loc` is another line under the
# same law of restraint. Thirteen outputs were chosen, with their tolerances, before anything was
# fitted; some of them, and thirteen weeks of the weekly series, were held out. Parameters that
# reproduce the others were searched for in waves (history matching) and sampled (the *posterior*).
# Here, members of that sample are simulated afresh, with other random draws, and held against the
# record.

# %%
import pandas as pd

from fragile_peace_lab import Posterior
from fragile_peace_lab.calibration import (
    INPUTS,
    SCORES,
    TARGETS,
    check_posterior,
    identified,
    narrowed,
    one_law,
    predictive,
)
from fragile_peace_lab.reproduction import choose, key_numbers, show, table

posterior = Posterior.load()
print(f"{len(posterior)} members of the posterior, {len(posterior.columns)} parameters")

# %% [markdown]
# ## What the monitors recorded
#
# Units differ between monitors by an order of magnitude, so each figure comes with its conversion.
# Source keys are rows of `model/fragile_peace/evidence.csv`; `docs/evidence.md` says how far each is to be
# trusted.

# %%
table(
    pd.DataFrame(
        {
            "target": [target.title for target in TARGETS],
            "observed": [target.observed for target in TARGETS],
            "unit": [target.unit for target in TARGETS],
            "how it was converted": [target.conversion for target in TARGETS],
            "sources": [", ".join(target.sources) for target in TARGETS],
            "use": [target.use for target in TARGETS],
        }
    ),
    observed="{:.3g}",
)

# %% [markdown]
# ## Hits and misses
#
# The interval is what a single history might have shown, over members and runs. A target is hit
# where the model's median lies within the tolerance, which is made of the error of the observation
# and of how far the model is allowed to be off for reasons of its own. Both were fixed beforehand.

# %%
found = check_posterior(posterior, members=choose(64, 4), runs=choose(8, 2))
rows = found.table
table(
    pd.DataFrame(
        {
            "target": [target.title for target in TARGETS],
            "observed": rows["observed"],
            "tolerance": [
                f"{low:.3g} to {high:.3g}"
                for low, high in zip(rows["low"], rows["high"], strict=True)
            ],
            "model, median": rows["median"],
            "90 % interval": [
                f"{low:.3g} to {high:.3g}"
                for low, high in zip(rows["p05"], rows["p95"], strict=True)
            ],
            "result": ["hit" if hit else "miss" for hit in rows["hit"]],
        }
    ),
    **{"observed": "{:.3g}", "model, median": "{:.3g}"},
)
print(
    f"{len(found.hits)} of {len(SCORES)} scored outputs hit; held-out weeks: p = {found.test.p:.2f}"
)
table(found.scores, **dict.fromkeys(found.scores.columns[1:], "{:.3g}"))

# %%
show(predictive(found))
show(one_law(found))

# %% [markdown]
# The most telling target is the truce of July 2020. Violations fell by nineteen twentieths within
# days and crept back over the better part of a year. In the model that curve has no clock in it. A
# breach disobeys orders where there is restraint; a quiet week adds to restraint, a breach, a
# dispute or a false alarm takes from it; incidents raise tension, tension makes the next incident
# likelier, now and then the truce is renewed. So a truce that starts high may hold for years and
# one that starts low goes within weeks: with the little restraint of earlier truces, the same
# parameters give truces of weeks, not months, and on the Line of Control truces of many years. The
# second picture shows the four together.
#
# ## What the record does not say
#
# How much did seven years of monitoring narrow each parameter? A bar as wide as its prior has
# learnt nothing.

# %%
show(narrowed(identified(posterior)))

# %%
narrow = identified(posterior)
table(
    narrow[["parameter", "prior_low", "prior_high", "p05", "median", "p95", "width"]],
    **dict.fromkeys(("prior_low", "prior_high", "p05", "median", "p95"), "{:.3g}"),
    width="{:.0%}",
)

# %% [markdown]
# These were set from evidence and are not scored:

# %%
inputs = [(item.what, item.value, ", ".join(item.sources)) for item in INPUTS]
table(pd.DataFrame(inputs, columns=["input", "value", "sources"]))

# %% [markdown]
# **What it means.** The part of the model that makes violations, deaths and truces has been held
# against the best record there is, with its misses in plain view. Where the posterior is wide,
# sweeps sample that width.
#
# **What it does not mean.** Nothing here informs the war block: seven years of Donbas monitoring
# contain no decision to resume a war after a negotiated peace, and the one invasion that followed
# them is a single event. Its outcomes are *informed by reference classes*, other wars that are like
# this one in some way, and say so wherever they are shown. Nor has anyone
# observed how a European force under threat fares. A model that reproduces the past of one line
# has earned a hearing about another, no more.

# %%
key_numbers(
    members=len(posterior),
    scored_outputs=len(SCORES),
    hits=len(found.hits),
    missed=", ".join(score for score in SCORES if score not in found.hits) or "none",
    held_out_hit=bool(rows.loc[rows["use"] == "held out", "hit"].all()),
    **{f"median_{row.target}": float(row.median) for row in rows.itertuples()},
)
