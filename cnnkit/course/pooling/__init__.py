"""Notebook 04, pooling: what shrinking a picture keeps, and what it loses."""
