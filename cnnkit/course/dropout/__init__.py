"""Notebook 03, dropout: the mathematics of leaving units out."""
