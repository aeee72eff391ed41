"""What the claims of notebook 07 are measured with."""
