"""What the bug clinic measures: networks with one fault, and what their training and their layers say."""
