"""The Mesa model: agents that play the same phases on the same arrays."""
