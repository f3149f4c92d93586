"""Losses: PyTorch's values and gradients for all reductions and options, edges, and errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import nn
from autograd import DTypeError, ShapeError, Tensor, grad, gradcheck, gradgradcheck
from nn import loss_functions as functions
from nn import losses
from tests import standin
from tests.nn.layer_samples.losses import (
    CLASSES,
    LOGARITHMS,
    PROBABILITIES,
    SIGNS,
    SPATIAL,
    T,
    X,
)
from tests.samples import normal, uniform

INF = float("inf")
SCORES = normal(3, 4)
SOFT = np.array([[0.1, 0.2, 0.3, 0.4], [1.0, 0.0, 0.0, 0.0], [0.25, 0.25, 0.0, 0.5]])
WEIGHTS = [0.5, 2.0, 1.5, 3.0]
THREE = [0.5, 2.0, 1.5]
ONE = normal(4), np.array(2)


@dataclass(frozen=True)
class Case:
    """One loss with its settings, and what it is called with: its output first."""

    loss: str
    inputs: tuple[np.ndarray, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    reductions: tuple[str, ...] = ("mean", "sum", "none")

    def __str__(self) -> str:
        return f"{self.loss}[{'x'.join(map(str, self.inputs[0].shape))};{dict(self.settings)}]"


CASES = [
    Case("MSELoss", (X, T)),
    Case("L1Loss", (X, T)),
    *(Case("SmoothL1Loss", (X, T), {"beta": beta}) for beta in (0.0, 0.5, 1.0)),
    *(Case("HuberLoss", (X, T), {"delta": delta}) for delta in (0.5, 1.0)),
    Case("CosineEmbeddingLoss", (X, T, SIGNS), {"margin": -0.9}),
    Case("CosineEmbeddingLoss", (X[0], T[0], np.array(1))),
    Case("KLDivLoss", (LOGARITHMS, PROBABILITIES[1]), {}, ("batchmean", "sum", "none")),
    Case("KLDivLoss", (LOGARITHMS, SOFT), {}, ("sum", "none")),
    Case("KLDivLoss", (LOGARITHMS, X), {"log_target": True}, ("batchmean", "sum", "none")),
    Case("BCELoss", PROBABILITIES),
    Case("BCELoss", PROBABILITIES, {"weight": WEIGHTS}),
    Case("BCEWithLogitsLoss", (SCORES, PROBABILITIES[1])),
    Case("BCEWithLogitsLoss", (SCORES, PROBABILITIES[1]), {"weight": WEIGHTS}),
    Case("BCEWithLogitsLoss", (SCORES, SOFT), {"pos_weight": WEIGHTS}),
    Case("BCEWithLogitsLoss", (SCORES, SOFT), {"pos_weight": WEIGHTS, "weight": [0.5]}),
    *(
        Case("CrossEntropyLoss", inputs, settings)
        for inputs in ((SCORES, CLASSES), (SCORES, SOFT), ONE)
        for settings in (
            {},
            {"weight": WEIGHTS},
            {"label_smoothing": 0.3},
            {"label_smoothing": 0.3, "weight": WEIGHTS},
        )
    ),
    Case("CrossEntropyLoss", SPATIAL, {"weight": THREE, "ignore_index": 0}),
    Case("CrossEntropyLoss", SPATIAL, {"weight": THREE, "ignore_index": 2, "label_smoothing": 0.2}),
    Case("CrossEntropyLoss", (normal(2, 3, 2), uniform(0, 1, 2, 3, 2)), {"weight": THREE}),
    Case("NLLLoss", (LOGARITHMS, CLASSES)),
    Case("NLLLoss", (LOGARITHMS, CLASSES), {"weight": WEIGHTS, "ignore_index": 3}),
    Case("NLLLoss", SPATIAL, {"weight": THREE}),
    Case("NLLLoss", SPATIAL, {"ignore_index": 2}),
    Case("NLLLoss", ONE),
    *(
        Case("MultiMarginLoss", inputs, {"p": p, "margin": 0.9, "weight": weight})
        for inputs in ((X, CLASSES), (X[0], np.array(1)))
        for p in (1, 2)
        for weight in (None, WEIGHTS)
    ),
    Case("HingeEmbeddingLoss", (X[:, 0], SIGNS), {"margin": 0.6}),
    Case("MAPELoss", (X, T)),
    Case("HingeLoss", (X[:, 0], SIGNS), {"margin": 0.9}),
]
KNOWN_TO_PYTORCH = [case for case in CASES if case.loss not in ("MAPELoss", "HingeLoss")]


def build(case: Case, reduction: str, dtype: str = "float64") -> Any:
    return getattr(losses, case.loss)(**case.settings, reduction=reduction).to(dtype)


def tensors(case: Case, dtype: str = "float64") -> list[Tensor]:
    """The inputs as tensors: floating ones tracked, but for targets of 0, where slopes end."""
    return [
        Tensor(x.astype(dtype), requires_grad=x is not SOFT) if x.dtype.kind == "f" else Tensor(x)
        for x in case.inputs
    ]


def named(cases: list[Case]) -> list[Any]:
    return [pytest.param(c, r, id=f"{c}-{r}") for c in cases for r in c.reductions]


def test_every_loss_has_a_case() -> None:
    assert {case.loss for case in CASES} == set(losses.__all__) - {"CosineSimilarity"}


@pytest.mark.parametrize(("case", "reduction"), named(KNOWN_TO_PYTORCH))
def test_values_and_gradients_are_pytorchs(case: Case, reduction: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is an optional witness")
    settings = {
        name: torch.tensor(value, dtype=torch.float64) if isinstance(value, list) else value
        for name, value in case.settings.items()
    }
    theirs = getattr(torch.nn, case.loss)(**settings, reduction=reduction)
    xs = tensors(case)
    mirrors = [torch.tensor(x.detach().numpy(), requires_grad=x.requires_grad) for x in xs]
    ours, expected = build(case, reduction)(*xs), theirs(*mirrors)
    np.testing.assert_allclose(ours.detach().numpy(), expected.detach().numpy(), rtol=1e-9)
    g = np.asarray(normal(*ours.shape, seed=5))
    ours.backward(Tensor(g, dtype="float64"))
    expected.backward(torch.tensor(g))
    for x, mirror in zip(xs, mirrors, strict=True):
        if x.requires_grad:
            np.testing.assert_allclose(x.grad.numpy(), mirror.grad.numpy(), rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize(("case", "reduction"), named(CASES))
def test_derivatives_of_both_orders_agree_with_differences(case: Case, reduction: str) -> None:
    loss = build(case, reduction)
    assert gradcheck(loss, tensors(case))
    assert gradgradcheck(loss, tensors(case))


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_loss_has_the_dtype_of_the_output_whatever_the_target_has(case: Case, dtype: str) -> None:
    loss, (x, *_) = build(case, case.reductions[0], dtype), tensors(case, dtype)
    value = loss(x, *case.inputs[1:])  # float64 arrays
    value.backward()
    assert value.dtype == x.grad.dtype == dtype


@pytest.fixture(scope="module")
def device() -> Iterator[str]:
    with standin.installed():
        yield "cuda"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_on_a_device_a_loss_is_the_same_and_reads_at_most_two_flags(
    case: Case, device: str
) -> None:
    xs = tensors(case)
    expected = build(case, "mean" if "mean" in case.reductions else "sum")
    there = build(case, expected.reduction).to(device)
    moved = [x.detach().to(device).requires_grad_(x.requires_grad) for x in xs]
    expected(*xs).backward()
    standin.copies.reset()
    value = there(*moved)
    value.backward()
    assert standin.copies.count <= 2, standin.copies.log
    assert value.device == "cuda:0"
    for x, mirror in zip(xs, moved, strict=True):
        if x.requires_grad:
            np.testing.assert_allclose(mirror.grad.cpu().numpy(), x.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_function_form_and_the_reductions_agree(case: Case) -> None:
    name = {"MSE": "mse_loss", "L1": "l1_loss", "MAPE": "mape_loss", "KLDiv": "kl_div"} | {
        "SmoothL1": "smooth_l1_loss",
        "Huber": "huber_loss",
        "CosineEmbedding": "cosine_embedding_loss",
        "BCE": "binary_cross_entropy",
        "BCEWithLogits": "binary_cross_entropy_with_logits",
        "CrossEntropy": "cross_entropy",
        "NLL": "nll_loss",
        "Hinge": "hinge_loss",
        "MultiMargin": "multi_margin_loss",
        "HingeEmbedding": "hinge_embedding_loss",
    }
    function = getattr(functions, name[case.loss.removesuffix("Loss")])
    none, total = (
        function(*case.inputs, **case.settings, reduction=word).numpy() for word in ("none", "sum")
    )
    np.testing.assert_allclose(total, none.sum(), rtol=1e-6)
    np.testing.assert_allclose(build(case, "none")(*case.inputs).numpy(), none, rtol=1e-6)
    assert case.reductions[0] in repr(vars(build(case, case.reductions[0])))


# Values known without PyTorch


def test_the_percentage_error_is_relative_to_the_target() -> None:
    loss = losses.MAPELoss()
    assert loss(np.array([110.0, 45.0]), np.array([100.0, -50.0])).item() == pytest.approx(100)
    assert loss(np.array([110.0]), np.array([100.0])).item() == pytest.approx(10)
    assert losses.MAPELoss(eps=0.5)(np.array([1.0]), np.array([0.0])).item() == 200


def test_the_hinge_loss_is_zero_beyond_the_margin_and_linear_before_it() -> None:
    x = Tensor([2.0, 1.0, 0.5, -1.0], requires_grad=True)
    loss = losses.HingeLoss(reduction="sum")(x, [1, 1, 1, 1])
    loss.backward()
    assert loss.item() == 2.5
    assert x.grad.numpy().tolist() == [0, 0, -1, -1]


def test_kl_div_by_the_mean_divides_by_all_elements_and_batchmean_by_the_batch() -> None:
    total = functions.kl_div(LOGARITHMS, PROBABILITIES[1], reduction="sum").item()
    assert functions.kl_div(LOGARITHMS, PROBABILITIES[1]).item() == pytest.approx(total / 12)
    by_batch = functions.kl_div(LOGARITHMS, PROBABILITIES[1], reduction="batchmean")
    assert by_batch.item() == pytest.approx(total / 3)


def test_cross_entropy_is_entropy_and_divergence() -> None:
    p, q = PROBABILITIES[1] / PROBABILITIES[1].sum(1, keepdims=True), np.log(SOFT[2:3] + 0.1)
    entropy = -(p * np.log(p)).sum(1)
    log_q = np.log(np.exp(q) / np.exp(q).sum()) + np.zeros((3, 1))
    divergence = functions.kl_div(log_q, p, reduction="none").numpy().sum(1)
    cross = functions.cross_entropy(log_q, p, reduction="none").numpy()
    np.testing.assert_allclose(cross, entropy + divergence, rtol=1e-12)


# Edges


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_bce_clamps_its_logarithms_and_keeps_the_gradient_finite(dtype: str) -> None:
    x = Tensor(np.array([0.0, 1.0, 0.0, 1.0], dtype), requires_grad=True)
    loss = losses.BCELoss(reduction="none")(x, np.array([1, 0, 0, 1]))
    assert loss.detach().numpy().tolist() == [100, 100, 0, 0]
    loss.sum().backward()
    slope = x.grad.numpy()
    assert np.isfinite(slope).all()
    assert slope[0] < -1e4 and slope[1] > 1e4 and not slope[2:].any()


def test_bce_through_a_saturated_sigmoid_has_no_nan() -> None:
    x = Tensor([-200.0, 200.0, -90.0], requires_grad=True)
    losses.BCELoss()(nn.functional.sigmoid(x), np.array([1, 0, 1])).backward()
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("pos_weight", [None, [2.0]])
def test_bce_with_logits_is_finite_at_ten_thousand(dtype: str, pos_weight: Any) -> None:
    x = Tensor(np.array([1e4, -1e4, 1e4, -1e4], dtype), requires_grad=True)
    loss = losses.BCEWithLogitsLoss(pos_weight=pos_weight, reduction="none").to(dtype)
    value = loss(x, np.array([1, 0, 0, 1]))
    yes = 1 if pos_weight is None else 2
    assert value.detach().numpy().tolist() == [0, 0, 1e4, yes * 1e4]
    value.sum().backward()
    assert x.grad.numpy().tolist() == [0, 0, 1, -yes]


def test_a_weight_for_yes_does_not_cost_the_digits_of_small_losses() -> None:
    value = functions.binary_cross_entropy_with_logits(
        np.array([-20.0], np.float32), np.zeros(1), pos_weight=[3.0]
    )
    assert value.item() == pytest.approx(np.exp(-20), rel=1e-5)


@pytest.mark.parametrize("weight", [None, WEIGHTS])
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_where_every_target_is_ignored_the_mean_is_nan(name: str, weight: Any) -> None:
    x = Tensor(SCORES, requires_grad=True)
    value = getattr(functions, name)(x, np.full(3, -100), weight)
    value.backward()
    assert np.isnan(value.item())
    assert getattr(functions, name)(x, np.full(3, -100), weight, reduction="sum").item() == 0


def test_a_divergence_from_a_target_of_zero_costs_nothing() -> None:
    x = Tensor([[0.0, -INF]], requires_grad=True)
    value = functions.kl_div(x, np.array([[1.0, 0.0]]))
    value.backward()
    assert value.item() == 0
    assert x.grad.numpy().tolist() == [[-0.5, 0]]


def test_a_divergence_from_the_logarithm_of_zero_costs_nothing() -> None:
    x = Tensor(np.log([[0.5, 0.5]]), requires_grad=True)
    target = Tensor([[0.0, -INF]], requires_grad=True)
    value = functions.kl_div(x, target, log_target=True, reduction="sum")
    value.backward()
    assert value.item() == pytest.approx(np.log(2))
    assert x.grad.numpy().tolist() == [[-1, 0]]
    assert target.grad.numpy()[0, 1] == 0


def test_the_mean_loss_of_nothing_is_nan() -> None:
    nothing = np.zeros((0, 4))
    assert np.isnan(functions.mse_loss(nothing, nothing).item())
    assert np.isnan(functions.nll_loss(nothing, np.zeros(0, int)).item())
    assert np.isnan(functions.binary_cross_entropy(nothing, nothing).item())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_vectors_of_zeros_have_similarity_zero_and_a_finite_gradient(dtype: str) -> None:
    x = Tensor(np.zeros((2, 3), dtype), requires_grad=True)
    value = losses.CosineSimilarity()(x, np.ones((2, 3), dtype))
    value.sum().backward()
    assert not value.detach().numpy().any()
    assert np.isfinite(x.grad.numpy()).all()


def test_similarities_of_long_vectors_do_not_overflow_in_half_precision() -> None:
    x = np.full((1, 2), 1e4, np.float16)
    assert losses.CosineSimilarity()(x, x).item() == pytest.approx(1, abs=1e-2)


def test_the_absolute_error_has_slope_zero_where_there_is_no_error() -> None:
    for loss in (losses.L1Loss(), losses.SmoothL1Loss(), losses.HuberLoss(), losses.MSELoss()):
        x = Tensor([1.0, 2.0], requires_grad=True)
        loss(x, x.detach()).backward()
        assert not x.grad.numpy().any()


@pytest.mark.parametrize("loss", [losses.HuberLoss(), losses.SmoothL1Loss(), losses.MSELoss()])
def test_rounded_errors_have_their_curvature_where_there_is_no_error(loss: Any) -> None:
    x = Tensor([1.0], requires_grad=True)
    (slope,) = grad(loss(x, [1.0]), x, create_graph=True)
    (curvature,) = grad(slope.sum(), x)
    assert slope.item() == 0
    assert curvature.item() == (2 if isinstance(loss, losses.MSELoss) else 1)


def test_weights_move_with_the_module_and_are_in_its_state() -> None:
    loss = losses.CrossEntropyLoss(weight=WEIGHTS)
    assert list(loss.state_dict()) == ["weight"]
    assert loss.to("float64").weight.dtype == "float64"
    assert losses.CrossEntropyLoss().state_dict() == {}


# Errors


@pytest.mark.parametrize(
    "name", ["mse_loss", "l1_loss", "mape_loss", "smooth_l1_loss", "huber_loss", "hinge_loss"]
)
def test_shapes_are_never_broadcast(name: str) -> None:
    message = (
        rf"{name}: input is \(3, 1\) and target is \(3,\); they must be equal, .*"
        r"Use target.reshape\(\(3, 1\)\)."
    )
    with pytest.raises(ShapeError, match=message):
        getattr(functions, name)(np.ones((3, 1)), np.ones(3))


@pytest.mark.parametrize(
    ("name", "inputs", "settings", "error", "message"),
    [
        ("binary_cross_entropy", ([0.5], [2.0]), {}, ValueError, "target 2 at position 0 is out"),
        ("binary_cross_entropy", ([[0.5, 1.5]], [[1, 0]]), {}, ValueError, "input 1.5 at position"),
        ("binary_cross_entropy_with_logits", ([3.0], [-1]), {}, ValueError, r"\(target \+ 1\) / 2"),
        ("hinge_loss", ([0.5, 1], [1, 0]), {}, ValueError, "target 0 at position 1 must be 1 or"),
        ("cosine_embedding_loss", (X, T, [1, 1, 2]), {}, ValueError, "target 2 at position 2"),
        ("cosine_embedding_loss", (X, T, [[1, 1, 1]]), {}, ShapeError, r"target is \(1, 3\)"),
        ("cosine_similarity", (X, T[:2]), {}, ShapeError, r"x1 is \(3, 4\) and x2 is \(2, 4\)"),
        ("multi_margin_loss", (X, CLASSES), {"p": 3}, ValueError, "p=3 must be 1 or 2"),
        ("multi_margin_loss", (X, [0, 1, 4]), {}, IndexError, r"target 4 at position 2 is outside"),
        ("multi_margin_loss", SPATIAL, {}, ShapeError, r"input is \(2, 3, 2\); it must be"),
        ("nll_loss", (X, [0, 1]), {}, ShapeError, r"target is \(2,\); target must be \(3,\)"),
        ("nll_loss", (X, [0.0, 1.0, 2.0]), {}, DTypeError, "target is float64"),
        ("nll_loss", (X, [0, 1, -1]), {}, IndexError, "target -1 at position 2"),
        ("nll_loss", (X, CLASSES), {"weight": THREE}, ShapeError, r"weight is \(3,\)"),
        ("cross_entropy", (X, CLASSES), {"weight": THREE}, ShapeError, r"weight is \(3,\)"),
        ("cross_entropy", (X, [0, 1, 4]), {"weight": WEIGHTS}, IndexError, "target 4"),
        ("cross_entropy", (X, X[:, :1]), {"weight": WEIGHTS}, ShapeError, r"is \(3, 1\)"),
        ("cross_entropy", (X, SOFT), {"label_smoothing": 2}, ValueError, "label_smoothing=2"),
        ("cross_entropy", (X[0], CLASSES), {}, ShapeError, r"target is \(3,\)"),
        ("binary_cross_entropy", PROBABILITIES, {"weight": THREE}, ShapeError, "must broadcast"),
        ("huber_loss", (X, T), {"delta": 0}, ValueError, "delta=0 must be positive"),
        ("smooth_l1_loss", (X, T), {"beta": -1}, ValueError, "beta=-1 must not be negative"),
        ("mse_loss", (X, T), {"reduction": "batchmean"}, ValueError, '"mean", "sum" or "none"'),
        ("cross_entropy", (X, CLASSES), {"reduction": "x"}, ValueError, "reduction='x'"),
    ],
)
def test_what_does_not_fit_is_refused(
    name: str, inputs: Any, settings: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        getattr(functions, name)(*inputs, **settings)


@pytest.mark.parametrize("name", sorted(set(losses.__all__) - {"CosineSimilarity"}))
def test_an_unknown_reduction_is_refused_when_the_loss_is_made(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: reduction='average' is not known"):
        getattr(losses, name)(reduction="average")
