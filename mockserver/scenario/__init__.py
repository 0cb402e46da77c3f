"""What a fixture says: reading the files, matching calls, rendering answers. Pure."""
