"""What a user may set: the declaration of every parameter, scenarios, and the rows that kernels read."""
