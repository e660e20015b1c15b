"""The administrator's desk for what speaks from the field: terminals, sensors, tokens, gateways, raw frames."""
