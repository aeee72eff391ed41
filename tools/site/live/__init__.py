"""What lives in the pages: the scripts, the Python that runs in the browser, and the HTML that they find."""
