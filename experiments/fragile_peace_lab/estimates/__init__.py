"""What is estimated: outcomes, both kinds of uncertainty, tables."""
