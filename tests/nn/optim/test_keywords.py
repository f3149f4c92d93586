"""Keywords of other libraries: each is refused with what to write here."""

from __future__ import annotations

import copy
import pickle

import pytest

from autograd import Tensor
from nn import optim


def leaf() -> Tensor:
    return Tensor([1.0], requires_grad=True)


@pytest.mark.parametrize(
    ("keyword", "remedy"),
    [
        ("learning_rate", r"takes no learning_rate=\. Use lr="),
        ("epsilon", "Use eps="),
        ("beta_1", "Use betas="),
        ("foreach", r"takes no foreach=\. Each step runs in one way.* Leave it out"),
        ("fused", "Leave it out"),
        ("capturable", "Leave it out"),
        ("clipnorm", "clip_grad_norm_"),
    ],
)
def test_a_keyword_of_another_library_is_refused_with_the_remedy(keyword, remedy) -> None:
    with pytest.raises(TypeError, match=rf"^Adam\(\) .*{remedy}"):
        optim.Adam([leaf()], **{keyword: 0.1})


def test_a_schedule_does_not_print_and_says_what_does() -> None:
    optimizer = optim.SGD([leaf()])
    with pytest.raises(TypeError, match=r"StepLR\(\) takes no verbose=.*get_last_lr"):
        optim.lr_scheduler.StepLR(optimizer, 3, verbose=True)
    with pytest.raises(TypeError, match=r"ReduceLROnPlateau\(\) takes no verbose="):
        optim.lr_scheduler.ReduceLROnPlateau(optimizer, verbose=True)


def test_options_without_parameters_are_refused_with_the_whole_call() -> None:
    with pytest.raises(TypeError, match=r"Use Adam\(model\.parameters\(\), lr=…\)"):
        optim.Adam(lr=0.1)


def test_another_unknown_keyword_is_python_s_error() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'speed'"):
        optim.Adam([leaf()], speed=0.1)


def test_a_subclass_may_have_such_an_argument_of_its_own() -> None:
    class Mine(optim.SGD):
        def __init__(self, params, learning_rate: float) -> None:
            super().__init__(params, lr=learning_rate)

    assert Mine([leaf()], learning_rate=0.5).param_groups[0]["lr"] == 0.5


def test_an_optimizer_is_copied_and_pickled_as_before() -> None:
    optimizer = optim.Adam([leaf()], lr=0.25)
    for other in (copy.deepcopy(optimizer), pickle.loads(pickle.dumps(optimizer))):
        assert other.param_groups[0]["lr"] == 0.25
