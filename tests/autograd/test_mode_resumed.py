"""Switches around generators and coroutines: on while they run, off while they wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest

from autograd import enable_grad, is_grad_enabled, no_grad

# Around a generator


@no_grad()
def states() -> Generator[bool, Any, str]:
    """Whether recording is on, at each resume; sent values and exceptions come back."""
    sent = yield is_grad_enabled()
    try:
        while sent != "stop":
            sent = yield (is_grad_enabled(), sent)
    except KeyError:
        yield is_grad_enabled()
    return "done"


def test_a_decorated_generator_is_switched_only_while_it_runs() -> None:
    running = states()
    assert is_grad_enabled()
    assert next(running) is False
    assert is_grad_enabled()
    assert running.send(7) == (False, 7)
    assert is_grad_enabled()
    assert running.throw(KeyError()) is False
    assert is_grad_enabled()
    with pytest.raises(StopIteration, match="done"):
        next(running)
    assert is_grad_enabled()


def test_a_decorated_generator_that_is_closed_cleans_up_under_its_switch() -> None:
    seen: list[bool] = []

    @no_grad()
    def cleaning() -> Iterator[int]:
        try:
            yield 1
        finally:
            seen.append(is_grad_enabled())

    running = cleaning()
    next(running)
    running.close()
    assert seen == [False]
    assert is_grad_enabled()


def test_two_decorated_generators_may_run_in_turns() -> None:
    @enable_grad()
    def tracked() -> Iterator[bool]:
        while True:
            yield is_grad_enabled()

    off, on = states(), tracked()
    with no_grad():
        assert [next(off), next(on), off.send(1)[0], next(on)] == [False, True, False, True]
        assert not is_grad_enabled()
    assert is_grad_enabled()


def test_a_generator_that_raises_restores_recording() -> None:
    @no_grad()
    def wrong() -> Iterator[int]:
        yield 1
        raise KeyError

    with pytest.raises(KeyError):
        list(wrong())
    assert is_grad_enabled()


# Around a coroutine


@no_grad()
async def waiting(log: list[bool]) -> str:
    """Notes whether recording is on before and after a wait."""
    log.append(is_grad_enabled())
    await asyncio.sleep(0)
    log.append(is_grad_enabled())
    return "done"


def test_a_decorated_coroutine_is_switched_only_while_it_runs() -> None:
    inside: list[bool] = []
    outside: list[bool] = []

    async def other() -> None:
        for _ in range(4):
            outside.append(is_grad_enabled())
            await asyncio.sleep(0)

    async def main() -> list[Any]:
        return await asyncio.gather(waiting(inside), other(), waiting(inside))

    assert asyncio.run(main()) == ["done", None, "done"]
    assert inside == [False] * 4
    assert outside == [True] * 4
    assert is_grad_enabled()


def test_a_decorated_coroutine_that_is_cancelled_restores_recording() -> None:
    log: list[bool] = []

    @no_grad()
    async def endless() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            log.append(is_grad_enabled())

    async def main() -> None:
        task = asyncio.create_task(endless())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        log.append(is_grad_enabled())

    asyncio.run(main())
    assert log == [False, True]


@no_grad()
async def counting(log: list[bool]) -> AsyncIterator[int]:
    """0, 1, 2, noting whether recording is on; a KeyError thrown in becomes a 9."""
    try:
        for i in range(3):
            await asyncio.sleep(0)
            log.append(is_grad_enabled())
            yield i
    except KeyError:
        yield 9
    finally:
        log.append(is_grad_enabled())


def test_a_decorated_async_generator_is_switched_only_while_it_runs() -> None:
    inside: list[bool] = []
    outside: list[bool] = []

    async def main() -> list[int]:
        found = []
        async for i in counting(inside):
            outside.append(is_grad_enabled())
            found.append(i)
        return found

    assert asyncio.run(main()) == [0, 1, 2]
    assert inside == [False] * 4
    assert outside == [True] * 3


def test_a_decorated_async_generator_takes_exceptions_and_can_be_closed() -> None:
    log: list[bool] = []

    async def main() -> list[int]:
        thrown, closed = counting(log), counting(log)
        found = [await anext(thrown), await thrown.athrow(KeyError()), await anext(closed)]
        await closed.aclose()
        await thrown.aclose()
        log.append(is_grad_enabled())
        return found

    assert asyncio.run(main()) == [0, 9, 0]
    assert log == [False, False, False, False, True]


@pytest.mark.parametrize("kind", [KeyError, asyncio.CancelledError, KeyboardInterrupt])
def test_what_is_thrown_into_an_async_generator_reaches_its_body(kind: type) -> None:
    log: list[Any] = []

    @no_grad()
    async def items() -> AsyncIterator[int]:
        try:
            yield 1
        except BaseException as error:
            log.append((type(error), is_grad_enabled()))
            yield 2
        finally:
            log.append("closed")

    async def main() -> None:
        running = items()
        assert await anext(running) == 1
        assert await running.athrow(kind()) == 2
        await running.aclose()

    asyncio.run(main())
    assert log == [(kind, False), "closed"]


def test_an_async_generator_that_is_closed_sees_the_close() -> None:
    log: list[Any] = []

    @no_grad()
    async def items() -> AsyncIterator[int]:
        try:
            yield 1
        except BaseException as error:
            log.append((type(error), is_grad_enabled()))
            raise

    async def main() -> None:
        running = items()
        await anext(running)
        await running.aclose()

    asyncio.run(main())
    assert log == [(GeneratorExit, False)]
