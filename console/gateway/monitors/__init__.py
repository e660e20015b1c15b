"""The monitors of a gateway: what has come in is judged by the alarm rules, and alarms are raised and returned."""

from console.gateway.monitors.runner import Monitors

__all__ = ["Monitors"]
