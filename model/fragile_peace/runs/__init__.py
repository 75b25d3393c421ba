"""The compiled engine from Python: many runs in threads, or one run a week at a time."""
