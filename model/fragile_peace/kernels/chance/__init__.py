"""Chance: random numbers by address, and the logit rule of choice."""
