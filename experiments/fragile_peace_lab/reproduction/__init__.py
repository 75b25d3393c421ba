"""What is published, made again and compared; and the generated parts of the documentation."""
