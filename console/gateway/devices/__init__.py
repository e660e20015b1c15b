"""Devices with sensors that do not speak SL 651: their JSON messages come over MQTT or HTTP."""
