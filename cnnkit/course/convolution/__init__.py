"""Notebook 05, convolution: what size comes out, and what a unit sees."""
