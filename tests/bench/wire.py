"""A proxy between a run and a loopback cloud: counts bytes and lets each answer wait, as a network does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any


@contextlib.contextmanager
def between(url: str, delay: float = 0.0) -> Iterator[tuple[str, Callable[[], int]]]:
    """Serves in a process of its own, which is no part of what is measured. Gives the address to use instead
    of ``url``, and what counts the bytes of all answers so far; each answer comes ``delay`` seconds later."""
    scheme, _, host = url.partition("://")
    command = [sys.executable, "-m", "tests.bench.wire", host.partition("/")[0], str(delay)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        incoming, outgoing = process.stdin, process.stdout
        port = json.loads(outgoing.readline())

        def count() -> int:
            incoming.write("?\n")
            incoming.flush()
            return int(outgoing.readline())

        try:
            yield f"{scheme}://127.0.0.1:{port}", count
        finally:
            incoming.close()


async def _serve(host: str, port: int, delay: float) -> None:
    counted = 0

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        asked = [False]

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: bool) -> None:
            nonlocal counted
            with contextlib.suppress(ConnectionError):
                while data := await source.read(1 << 16):
                    if answers:
                        counted += len(data)
                        if asked[0] and delay:
                            await asyncio.sleep(delay)
                    asked[0] = not answers
                    sink.write(data)
                    await sink.drain()
            sink.close()

        await asyncio.gather(pump(reader, back, False), pump(there, writer, True))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop: Any = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(counted, flush=True)


if __name__ == "__main__":
    address, seconds = sys.argv[1:]
    name, _, number = address.rpartition(":")
    asyncio.run(_serve(name, int(number), float(seconds)))
