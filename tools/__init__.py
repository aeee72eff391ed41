"""What the Makefile runs besides the tests; nothing of it is installed with the package."""
