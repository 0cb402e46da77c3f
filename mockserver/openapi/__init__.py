"""What a spec says: documents, overlays, operations, decoding, validation, samples. Pure; knows no vendor."""
