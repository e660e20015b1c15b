"""The options of the gateway, besides those that every command shares."""

from __future__ import annotations

from dataclasses import dataclass

from console.settings import Settings, _option


@dataclass(frozen=True, kw_only=True)
class GatewaySettings(Settings):
    """Ports, and what may wait on the disk."""

    listen: str = _option("0.0.0.0", "address to listen on")  # noqa: S104 - terminals dial in from a network of their own
    jt808_port: int = _option(8080, "TCP port for GPS terminals (JT/T 808)")
    spool_mb: int = _option(1024, "most that may wait in the folder spool while the database is away, MB")
