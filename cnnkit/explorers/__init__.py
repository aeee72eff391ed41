"""Floor 3: sliders over the pictures of floor 2, one module for each notebook's topic."""
