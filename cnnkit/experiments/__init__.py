"""The measurements behind the claims: what a notebook runs with few seeds and `benchmarks/` runs with more."""
