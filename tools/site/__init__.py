"""The course as a web site: pages from the stored notebooks, whose explorers and exercises live in the browser."""
