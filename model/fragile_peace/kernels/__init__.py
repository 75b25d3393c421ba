"""The formulas of docs/model.md, compiled: a module a topic, and the order of the week."""
