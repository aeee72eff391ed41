"""Notebook 07, the full CNN: the layers put together."""
