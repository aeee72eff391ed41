"""What the claims of notebook 04 are measured with."""
