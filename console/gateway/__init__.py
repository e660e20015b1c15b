"""The ways in from the field: GPS terminals of trucks, water-level and rain sensors. Headless; imports no Qt."""
