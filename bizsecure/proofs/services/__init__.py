"""Changes of state in this room."""
