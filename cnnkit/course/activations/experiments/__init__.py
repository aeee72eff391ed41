"""What the claims of notebook 01 are measured with."""
