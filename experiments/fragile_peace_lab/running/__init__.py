"""How it is computed: what is still to do, where, at what cost, and whether it was done right."""
