"""The model as an ordinary Mesa user would write it: Python objects, NumPy and Mesa's own batch runner.

A second implementation of docs/model.md, written from the text and not from the kernels: the readable twin. It is
what the engine's speed is measured against, and the two are tested to play the same runs (`tests/reference`). It
shares with the project the reading of scenarios, the codes and the addressed draws, nothing else: games, chances,
payoffs, learning, tension and reviews are its own. It leaves out what feeds nothing back and a benchmark does not
need: compensators, and counts other than those the tests compare.
"""
