"""The drainage workspace: finding pipes and manholes and reading their records."""
