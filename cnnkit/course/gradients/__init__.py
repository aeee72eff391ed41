"""Notebook 02, vanishing gradients: why a deep sigmoid network does not learn."""
