"""A decision on one page for a reader who has not seen the model: HTML and PDF, every number linked to its row."""
