"""Alarm rules: what each watches, how it is tried on the recorded past, changed and saved with a reason."""
