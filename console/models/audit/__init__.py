"""The audit trail: who did what when from which machine, chained so that nobody falsifies it unseen.

The server writes it by triggers; ``docs/database.md`` has the form of the chain.
"""

from console.models.audit.chain import Breach, Head, breaches, heads, kept_head_findings, read_heads, seal
from console.models.audit.trail import Choices, Day, Entry, Found, Wanted, days, find, posts

__all__ = [
    "Breach", "Choices", "Day", "Entry", "Found", "Head", "Wanted", "breaches", "days", "find", "heads",
    "kept_head_findings", "posts", "read_heads", "seal",
]  # fmt: skip
