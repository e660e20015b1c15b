"""What everybody may know of the demonstration city: how to sign in."""

# Known to everybody who reads this, on purpose: the city behind it is invented. A department that keeps the city's
# database for real people sets passwords of its own (docs/operations.md).
DEMONSTRATION_PASSWORD = "yuncheng-demo"  # noqa: S105
GATEWAY_LOGIN = "gateway01"
"""Login of gateways and of the player."""
ACCEPTOR_LOGIN = "acceptor01"
"""Login of a desk that sees all cases."""
ADMINISTRATOR_LOGIN = "administrator01"
"""Login of who configures the city."""
