"""What is asked: a sweep file, its factors, its points."""
