"""The flood workspace: water at the flood points and rain."""
