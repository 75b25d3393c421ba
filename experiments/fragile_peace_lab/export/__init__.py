"""How data leave: a sweep's tables for pandas, CSV and Stata, each column with its unit, its meaning and its codes."""
