"""How well monitors see: the city is played for a day in memory, with known misdeeds, and judged by the alarm rules."""
