"""From a sweep to a decision: losses, regret, the worth of knowing more, and what would turn the choice."""
