"""Notebook 01, activations: what a unit does with its sum, and why some units die."""
