"""What the claims of notebook 03 are measured with."""
