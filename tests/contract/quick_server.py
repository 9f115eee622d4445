"""A server for tests that stops when it is told to."""

import asyncio
import socket

import uvicorn

_LOOK_AGAIN_SECONDS = 0.002


class QuickServer(uvicorn.Server):
    """Serves as uvicorn does, without its waits at the end.

    uvicorn looks ten times a second whether it should stop, and then waits as long for connections
    that may have gone already: a third of a second for each test that serves.
    """

    _loop: asyncio.AbstractEventLoop
    _stop: asyncio.Event

    def stop(self) -> None:
        """Stop, asked from another thread."""
        self.should_exit = True
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Serve until `stop`."""
        await self.on_tick(0)
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let running answers end for as long as the configuration gives them."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        deadline = self._loop.time() + (self.config.timeout_graceful_shutdown or 0)
        # Connections are counted by uvicorn's protocols, which tell nobody when one has gone.
        while (state.connections or state.tasks) and self._loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        for task in state.tasks:
            task.cancel()
        await self.lifespan.shutdown()
