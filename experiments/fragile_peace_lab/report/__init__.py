"""What is said: findings in words, and the page."""
