"""Settings of the private server: a machine of two cores shared with the console, and a fast safe first fill."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from console.database.postmaster import PORT

TIME_ZONE = "Asia/Shanghai"
_MB = 1 << 20
_LARGEST_CACHE = 1024 * _MB
_SMALLEST_CACHE = 128 * _MB


def server_settings(socket_folder: Path, *, durable: bool, memory: int | None) -> str:
    """The text of ``console.conf``.

    Args:
        socket_folder: where the server puts its socket.
        durable: whether a commit survives a crash of the machine.
        memory: bytes of the server's cache; None takes an eighth of the machine within 128 MiB and 1 GiB.
    """
    machine = _machine_memory()
    cache = memory if memory is not None else min(max(machine // 8, _SMALLEST_CACHE), _LARGEST_CACHE)
    values: dict[str, object] = {
        "listen_addresses": "",  # the socket alone
        "port": PORT,
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": 100,
        "cluster_name": "yuncheng-console",
        "shared_buffers": f"{cache // _MB}MB",
        "effective_cache_size": f"{max(machine // 2, cache) // _MB}MB",
        "work_mem": "32MB",
        "maintenance_work_mem": f"{max(64, min(512, cache // 2 // _MB))}MB",
        "random_page_cost": 1.1,  # solid-state disk
        "jit": "off",  # costs more than it saves in queries of milliseconds
        "max_locks_per_transaction": 256,  # partitions
        "max_parallel_workers_per_gather": 1,
        "max_parallel_maintenance_workers": 1,
        # Nobody replicates from a private cluster; rows loaded into a table of the same transaction need no log.
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "timezone": TIME_ZONE,
        "log_timezone": TIME_ZONE,
        "log_line_prefix": "%m [%p] %q%u@%d/%a ",
        "log_min_duration_statement": "2s",
        "log_lock_waits": "on",
        "datestyle": "ISO, YMD",
    }
    if _shared_memory_is_small():
        values["dynamic_shared_memory_type"] = "mmap"
    if not durable:
        values |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    lines = [f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in values.items()]
    return "\n".join(["# Written by the console at every start.", *lines, ""])


def _machine_memory() -> int:
    """Bytes of memory; 4 GiB where the platform does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4096 * _MB


def _shared_memory_is_small() -> bool:
    """Whether /dev/shm is a container's, of 64 MB, which parallel queries overflow."""
    shared = Path("/dev/shm")  # noqa: S108 - asked for its size only
    return shared.is_dir() and shutil.disk_usage(shared).total < 512 * _MB
