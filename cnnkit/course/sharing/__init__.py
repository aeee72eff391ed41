"""Notebook 06, weight sharing: why all positions use the same weights."""
