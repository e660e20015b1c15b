"""What users and standards demand of the console."""

import console  # noqa: F401 - says how Qt is to be loaded, before any of this loads it
