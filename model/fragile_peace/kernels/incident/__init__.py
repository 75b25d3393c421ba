"""The incident game of a place and week: what is seen, what it is worth, its equilibrium."""
