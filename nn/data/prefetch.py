"""A thread that makes the next items of an iterator while the last one is being used.

The thread never holds the Prefetcher, so that dropping it (a `break`, an exception, `del`) stops
the thread at once. `loader.py` decides what runs in it.
"""

from __future__ import annotations

import os
import queue
import threading
import weakref
from collections.abc import Generator
from typing import Any

import autograd

_END = object()


class Prefetcher:
    """The items of source in order, made by a thread at most `ahead` items in advance.

    source: a generator; from here on it belongs to the thread, which closes it at the end.
    An exception in it is raised by `next` in place of the item, with the thread's traceback.
    """

    def __init__(self, source: Generator[Any, None, None], ahead: int) -> None:
        self._items: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self._slots = threading.Semaphore(ahead)
        self._process = os.getpid()
        stopped = threading.Event()
        defaults = (autograd.get_default_dtype(), autograd.get_default_device())
        thread = threading.Thread(
            target=_fill,
            args=(source, self._items, self._slots, stopped, defaults),
            name="graphgrad-prefetch",
            daemon=True,
        )
        thread.start()
        self.close = weakref.finalize(self, _stop, self._slots, stopped, thread)

    def __iter__(self) -> Prefetcher:
        """Itself."""
        return self

    def __next__(self) -> Any:
        """The next item. Raises what the source raised, and StopIteration from then on;
        RuntimeError in a process that was forked from the thread's, where nothing would come."""
        if self._process != os.getpid():
            raise RuntimeError(
                "DataLoader: this loop was begun before the process was forked, and its thread has "
                "stayed behind. Begin the loop in the new process, or use prefetch=0."
            )
        if not self.close.alive:
            raise StopIteration
        item, error = self._items.get()
        self._slots.release()
        if error is None and item is not _END:
            return item
        self.close()
        try:
            raise StopIteration if error is None else error
        finally:
            del error  # its traceback holds this frame: without this, a cycle


def _fill(
    source: Generator[Any, None, None],
    items: queue.SimpleQueue[tuple[Any, BaseException | None]],
    slots: threading.Semaphore,
    stopped: threading.Event,
    defaults: tuple[Any, str],
) -> None:
    """The thread: one item for each slot, until the source ends or it is told to stop."""
    try:
        # Defaults belong to a thread: items must come out as they would in the user's.
        autograd.set_default_dtype(defaults[0])
        autograd.set_default_device(defaults[1])
        while slots.acquire() and not stopped.is_set():
            item = next(source, _END)
            items.put((item, None))
            if item is _END:
                return
            del item  # or the thread would keep the last batch alive while it waits
    except BaseException as error:
        items.put((None, error))
    finally:
        source.close()


def _stop(slots: threading.Semaphore, stopped: threading.Event, thread: threading.Thread) -> None:
    """Wakes the thread to its end, and waits for it.

    The wait has a limit since this may run inside a garbage collection, where the collecting code
    may hold a lock that the thread waits for. A thread past the limit ends after its item.
    """
    stopped.set()
    slots.release()
    if thread is not threading.current_thread():
        thread.join(timeout=5)
