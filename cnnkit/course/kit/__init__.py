"""What the topics share: pictures, explorers, exercises, training, records."""
