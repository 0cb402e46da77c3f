"""How each vendor behaves: one folder a vendor, pure data and functions over the engine."""
