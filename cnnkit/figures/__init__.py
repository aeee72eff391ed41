"""Floor 2: pictures of the numbers of floor 1. Pure functions: numbers in, a Picture out; no widgets."""
