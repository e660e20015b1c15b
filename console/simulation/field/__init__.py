"""The other ends of the gateway's lines: terminals in trucks, stations at flood points, as they are in the field."""
