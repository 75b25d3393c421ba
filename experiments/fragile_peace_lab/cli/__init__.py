"""The command line: a module a topic."""
