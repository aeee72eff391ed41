"""The course: a folder a topic, and `kit`, what they share."""
