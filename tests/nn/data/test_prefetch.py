"""Prefetcher: the items of a generator, made by a thread that always ends."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from nn.data import DataLoader
from nn.data.prefetch import Prefetcher


@pytest.fixture(autouse=True)
def no_thread_left_behind() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def test_items_come_in_order_and_then_the_end_stays_the_end() -> None:
    source = Prefetcher((i * i for i in range(5)), 2)
    assert list(source) == [0, 1, 4, 9, 16]
    assert next(source, "over") == next(source, "over") == "over"


def test_items_may_be_anything() -> None:
    assert list(Prefetcher((x for x in (None, StopIteration, ())), 1)) == [None, StopIteration, ()]


def test_an_exception_comes_in_its_place_once() -> None:
    def source() -> Generator[int, None, None]:
        yield 1
        raise KeyboardInterrupt("stop")

    items = Prefetcher(source(), 3)
    assert next(items) == 1
    with pytest.raises(KeyboardInterrupt, match="stop"):
        next(items)
    assert next(items, "over") == "over"


def test_the_thread_closes_the_source_when_it_is_abandoned() -> None:
    closed = threading.Event()

    def source() -> Generator[int, None, None]:
        try:
            yield from range(100)
        finally:
            closed.set()

    mine = source()
    items = Prefetcher(mine, 1)
    next(items)
    del items
    assert closed.is_set()


def test_an_exception_that_was_handled_is_freed_without_the_collector() -> None:
    class Noted(Exception):
        pass

    def source() -> Generator[int, None, None]:
        raise Noted
        yield

    gc.collect()
    gc.disable()
    try:
        items = Prefetcher(source(), 1)
        try:
            next(items)
        except Noted as error:
            seen = weakref.ref(error)
        assert seen() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("ahead", [1, 4])
def test_it_makes_exactly_so_many_items_ahead(ahead: int) -> None:
    made: list[int] = []
    enough = threading.Event()

    def source() -> Generator[int, None, None]:
        for i in range(20):
            made.append(i)
            if i == ahead:
                enough.set()
            yield i

    items = Prefetcher(source(), ahead)
    next(items)
    assert enough.wait(10)  # item number `ahead` is made once item 0 was taken
    assert made == list(range(ahead + 1))
    next(items)
    del items
    assert len(made) <= ahead + 2


def test_closing_twice_does_no_harm() -> None:
    items: Any = Prefetcher(iter_of(3), 1)
    items.close()
    items.close()
    assert list(items) == []


def iter_of(n: int) -> Generator[int, None, None]:
    yield from range(n)


def test_a_forked_process_is_told_that_nothing_will_come(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = iter(DataLoader([1.0, 2.0], prefetch=1))
    process = os.getpid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: process + 1)
        with pytest.raises(RuntimeError, match=r"begun before the process was forked.*prefetch=0"):
            next(batches)
    del batches
