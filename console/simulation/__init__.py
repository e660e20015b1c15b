"""The demonstration city: what fills an empty database, and what keeps the city alive afterwards."""
