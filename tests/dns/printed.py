"""What the command that reads a hosts file over SSH prints."""

from __future__ import annotations


def printed(content: bytes, machine: str = "supervisor-1") -> str:
    """Return the output for a file that could be read."""
    text = f"\nprotobox-cd:begin\n{machine}\n".encode() + content + b"\nprotobox-cd:end\n"
    return (text + b"\nprotobox-cd:exit 0\n").hex(" ")
