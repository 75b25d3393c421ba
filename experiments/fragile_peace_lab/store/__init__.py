"""What is kept: the folder of a sweep, its parts and columns, and what they were made with."""
