"""What the record pins down: targets, the fit, and how well it does."""
