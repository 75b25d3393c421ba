"""Fragile Peace: designing, running, keeping, estimating and showing many runs."""
