"""Ports of loopback that are told before anybody listens at them: for servers that can't be given one by the
system, and for what must find nobody."""

from __future__ import annotations

import random
import socket

#: Systems hand out those above by themselves (Linux from 32,768 on, others from 49,152 on), hundreds of them
#: in each minute of the tests: what is free would be another's before it is used.
_OURS = range(20_000, 32_000)
_given: set[int] = set()


def free() -> int:
    """A port at which nobody listens, and nobody will who was not told of it."""
    while True:
        port = random.SystemRandom().choice(_OURS)  # of its own: tests sow the shared one, each of them alike
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port
