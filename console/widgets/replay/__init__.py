"""The past on the map: played, scrubbed, stepped through, on one slider."""
