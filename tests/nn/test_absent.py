"""Names of torch.nn that are not here: the error names what to use, and what it names is there."""

from __future__ import annotations

import re

import pytest

import nn
import nn.functional as F
from autograd import ops
from nn import absent


@pytest.mark.parametrize("name", sorted(absent._OPERATIONS))
def test_a_layer_that_is_not_here_yet_names_its_operation(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"^nn has no {name} yet; autograd\.ops\.") as caught:
        getattr(nn, name)
    named = re.search(r"autograd\.ops\.(\w+)", str(caught.value))
    assert named is not None and callable(getattr(ops, named[1]))


@pytest.mark.parametrize("name", sorted(absent._REMEDIES))
def test_other_layers_that_are_not_here_say_what_to_do(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"^nn has no {name} yet\. \w"):
        getattr(nn, name)


@pytest.mark.parametrize("name", ["TransformerEncoder", "TransformerDecoderLayer"])
def test_all_transformers_are_answered_alike(name: str) -> None:
    with pytest.raises(AttributeError, match="is attention"):
        getattr(nn, name)


def test_utils_names_the_clipping() -> None:
    with pytest.raises(AttributeError, match=r"nn has no utils.*nn\.optim\.clip_grad_norm_"):
        nn.utils.clip_grad_norm_  # noqa: B018  # the look-up is what is tested


def test_what_messages_recommend_is_there() -> None:
    texts = [*absent._REMEDIES.values(), *absent._MODULES.values()]
    names = {name for text in texts for name in re.findall(r"\bnn\.([\w.]+\w)", text)}
    assert {"Linear", "GroupNorm", "optim.clip_grad_norm_"} <= names
    for name in names:
        found = nn
        for part in name.split("."):
            found = getattr(found, part)


def test_a_slip_of_the_pen_is_python_s_own_error_with_its_suggestion() -> None:
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'Relu'") as caught:
        nn.Relu  # noqa: B018  # reading it is the test
    assert (caught.value.name, caught.value.obj) == ("Relu", nn)
    assert not hasattr(nn, "Conv2d")


def test_functions_that_are_operations_or_overwrite_are_answered() -> None:
    with pytest.raises(AttributeError, match=r"has no conv2d yet; autograd\.ops\.conv2d"):
        F.conv2d  # noqa: B018  # reading it is the test
    with pytest.raises(AttributeError, match=r"nothing overwrites its input\. Use relu\."):
        F.relu_  # noqa: B018  # reading it is the test
    with pytest.raises(AttributeError, match=r"module 'nn\.functional' has no attribute 'rulu'"):
        F.rulu  # noqa: B018  # reading it is the test
