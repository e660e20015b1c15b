"""The options of the gateway, besides those that every command shares."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from console.errors import QT_TRANSLATE_NOOP, ConsoleError
from console.gateway.listening import FILE_NAME
from console.settings import Settings, _option


@dataclass(frozen=True, kw_only=True)
class GatewaySettings(Settings):
    """Ports, and what may wait on the disk."""

    listen: str = _option("0.0.0.0", "address to listen on")  # noqa: S104 - terminals dial in from a network of their own
    jt808_port: int = _option(8080, "TCP port for GPS terminals (JT/T 808)")
    sl651_port: int = _option(8651, "TCP port for hydrological stations (SL 651-2014); 0 for none")
    http_port: int = _option(0, "TCP port for devices that bring readings by HTTP; 0 for none")
    free_ports: str = _option("no", "whether all three listen on ports that are free instead", ("no", "yes"))
    listening: Path | None = _option(
        None, f"file that says where it listens; without it {FILE_NAME} in the data folder"
    )
    http_certificate: Path | None = _option(None, "certificate chain (PEM) for HTTP over TLS; without it HTTP is plain")
    http_key: Path | None = _option(None, "key (PEM) of the certificate, when it is in a file of its own")
    mqtt: str | None = _option(None, "MQTT broker, mqtt://user:password@host:1883 or mqtts://; better in CONSOLE_MQTT")
    mqtt_topics: str = _option("ycsm/+/+/up", "filters of topics that are listened to, separated by commas")
    allow: str = _option("", "networks that may connect, such as 10.20.0.0/16, separated by commas; every one if empty")
    spool_mb: int = _option(1024, "most that may wait in the folder spool while the database is away, MB")

    def networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that may connect.

        Raises:
            ConsoleError: `allow` names something that is no network.
        """
        try:
            return tuple(ip_network(words.strip()) for words in self.allow.split(",") if words.strip())
        except ValueError as fault:
            raise ConsoleError(
                QT_TRANSLATE_NOOP(
                    "errors", "“{networks}” is no list of networks ({fault}): write them like 10.20.0.0/16,192.168.1.5."
                ),
                networks=self.allow,
                fault=fault,
            ) from fault
