"""What the claims of notebook 06 are measured with."""
