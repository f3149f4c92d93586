"""Ctrl-C during training: noted when it comes, raised when the batch is whole.

An interrupt in the middle of an optimizer's step would leave some weights updated and others not.
So while `fit` runs in the main thread, SIGINT only sets a flag, and the loop raises
KeyboardInterrupt after the batch. A second Ctrl-C raises at once, for a batch that never ends.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupts:
    """A context in which Ctrl-C waits for check().

    It acts only in the main thread, and only where Python's own handler is set: a program that
    handles SIGINT itself keeps doing so.
    """

    def __init__(self) -> None:
        self.pending = False
        self._installed = False

    def __enter__(self) -> Interrupts:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._installed = False
        if self.pending and kind is None:  # it came after the last batch: the run is whole
            raise KeyboardInterrupt

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.pending:
            raise KeyboardInterrupt
        self.pending = True

    def check(self) -> None:
        """Raises KeyboardInterrupt if Ctrl-C was pressed. Called where all is whole."""
        if self.pending:
            raise KeyboardInterrupt
