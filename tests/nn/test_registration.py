"""Which classes a saved model may be built from."""

from __future__ import annotations

import inspect

import pytest

import nn
from nn import registration


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(registration, "_classes", dict(registration._classes))


def test_every_module_class_of_the_library_is_registered_under_its_own_name() -> None:
    known = nn.registry()
    assert known["Linear"] is nn.Linear
    for name, value in vars(nn).items():
        if inspect.isclass(value) and issubclass(value, nn.Module) and value is not nn.Module:
            assert known[name] is value
    assert "Module" not in known


def test_a_class_of_a_user_is_registered_by_the_decorator_alone() -> None:
    class Plain(nn.Module):
        pass

    assert registration.name_of(Plain) is None

    @nn.register
    class Block(nn.Module):
        pass

    @nn.register("team.Other")
    class Other(nn.Module):
        pass

    class Below(Block):
        pass

    assert nn.registry()["Block"] is Block
    assert nn.registry()["team.Other"] is Other
    assert registration.name_of(Other) == "team.Other"
    assert registration.name_of(Below) is None


def test_a_class_defined_again_at_the_same_place_replaces_the_older() -> None:
    def define() -> type[nn.Module]:
        @nn.register
        class Block(nn.Module):
            pass

        return Block

    older, newer = define(), define()
    assert older is not newer
    assert nn.registry()["Block"] is newer


def test_a_name_that_another_class_has_is_refused() -> None:
    class Linear(nn.Module):
        pass

    with pytest.raises(ValueError, match=r"'Linear' already means nn\.linear\.Linear.*@nn"):
        nn.register(Linear)
    assert nn.registry()["Linear"] is nn.Linear


def test_only_module_classes_are_registered() -> None:
    for value in (len, int, nn.Linear(1, 1)):
        with pytest.raises(TypeError, match=r"a subclass of nn\.Module is needed"):
            nn.register(value)
        with pytest.raises(TypeError, match=r"a subclass of nn\.Module is needed"):
            nn.register("name")(value)
    assert "name" not in nn.registry()


def test_the_registry_that_is_given_out_is_a_copy() -> None:
    nn.registry().clear()
    assert nn.registry()
