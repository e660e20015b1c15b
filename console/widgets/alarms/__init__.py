"""The list of alarms: what stands and what is set aside, an alarm in full, and what a desk does with it."""
