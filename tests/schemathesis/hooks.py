"""What Schemathesis cannot know of our documents: formats of their own, and names of form parts that hold a wildcard."""
