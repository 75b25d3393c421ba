"""Runs told in words."""
