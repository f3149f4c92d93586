"""`network`: what is read of a model, and what the picture and the text say of it."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
import viz
from autograd import ops
from tests.viz.models import digits_net, filled, xor
from viz.network_picture import dot_of
from viz.network_placing import scene_of, short
from viz.network_scene import Looks, Scene, Wire, shown_units
from viz.probe import ModelError

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]


def scene(net: viz.Network) -> Scene:
    return scene_of(net.reading, net.looks)


def weights(net: viz.Network) -> list[Wire]:
    """The wires that stand for weights."""
    return [wire for wire in scene(net).wires if wire.tooltip]


def test_xor_reads_as_the_lectures_formulas() -> None:
    assert viz.network(xor()).to_text("utf-8").splitlines() == [
        "2-2-1   6 weights, 3 biases",
        "",
        "0: 2 → 2 σ",
        "  h₁ = σ(20·x₁ + 20·x₂ − 10)",
        "  h₂ = σ(−20·x₁ − 20·x₂ + 30)",
        "",
        "2: 2 → 1 σ",
        "  y₁ = σ(20·h₁ + 20·h₂ − 30)",
    ]


def test_the_values_for_an_input_stand_behind_the_formulas() -> None:
    lines = viz.network(xor(), x=[1, 0], inputs=["사과", "귤"]).to_text("utf-8").splitlines()
    assert lines[1] == "사과 = 1  귤 = 0"
    assert lines[4] == "  h₁ = σ(20·사과 + 20·귤 − 10) = 1" and lines[-1].endswith(" = 1")
    zero = viz.network(xor(), x=np.zeros((1, 2))).reading
    assert zero.layers[-1].values[0] == pytest.approx(1 / (1 + np.exp(10.0)), rel=1e-2)


def test_xor_has_its_six_weights_on_the_wires_and_its_biases_below() -> None:
    written = texts(viz.network(xor()).to_svg())
    assert [written.count(t) for t in ("20", "-20", "-10", "+30", "-30")] == [4, 2, 1, 1, 1]
    assert written.count("σ") == 3 and {"x1", "x2", "y1", "input", "hidden", "output"} <= {*written}
    assert "20" not in texts(viz.network(xor(), values=False, bias=False).to_svg())
    assert "+30" not in texts(viz.network(xor(), bias=False).to_svg())


def test_numbers_on_wires_never_lie_on_one_another() -> None:
    for sizes in ((2, 2, 1), (3, 3, 3), (2, 3), (3, 1), (1, 3, 2)):
        layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        words = [w for w in scene(viz.network(nn.Sequential(*layers))).words if w.ground]
        for i, one in enumerate(words):
            for other in words[:i]:
                apart = abs(one.y - other.y) >= 11 or abs(one.x - other.x) >= one.width
                assert apart, (sizes, one, other)


def test_width_is_size_and_dashes_are_sign() -> None:
    model = filled(nn.Sequential(nn.Linear(4, 1)), [[4, -2, 0, np.nan]], [0])
    wires = {wire.tooltip.split(": ")[1]: wire for wire in weights(viz.network(model))}
    assert wires["4"].thick > wires["−2"].thick > wires["0"].thick
    assert (wires["4"].role, wires["4"].dash) == ("line", "")
    assert (wires["−2"].role, wires["−2"].dash) == ("gradient", "5 3")
    assert wires["nan"].role == "bad" and wires["0"].dash not in ("", "5 3")
    middle = (4.2 + 0.5) / 2
    assert wires["4"].thick == 4.2 and wires["−2"].thick == pytest.approx(middle)


def test_the_digits_net_has_a_wire_for_each_weight_and_a_bracket() -> None:
    net = viz.network(digits_net())
    assert net.reading.sizes == (25, 3, 3, 10) and len(weights(net)) == 25 * 3 + 9 + 30
    assert len(scene(net).discs) == 41 and len(scene(net).frames) == 1
    written = texts(net.to_svg())
    assert written.count("softmax") == 1 and {"x25", "y10", "25", "3", "10"} <= {*written}
    assert "y₁ ∝ exp(" in net.to_text("utf-8")


def test_nothing_is_outside_of_the_picture() -> None:
    names = ["이름이 아주 긴 입력 하나", *"abcdefghijklmnopqrstuvwx"]
    for net in (viz.network(digits_net(), x=np.ones(25), inputs=names), viz.network(xor())):
        picture = scene(net)
        for disc in picture.discs:
            assert disc.radius <= disc.x <= picture.wide - disc.radius
            assert disc.radius <= disc.y <= picture.high - disc.radius
        for word in picture.words:
            left = {"start": 0.0, "middle": word.width / 2, "end": word.width}[word.anchor]
            assert 0 <= word.x - left <= word.x - left + word.width <= picture.wide
            assert 0 < word.y < picture.high


def test_circles_of_a_layer_do_not_touch() -> None:
    for count in (1, 2, 4, 5, 6, 7, 12, 13, 18, 19, 32, 33, 500):
        net = viz.network(nn.Sequential(nn.Linear(count, 2)))
        inputs = [disc for disc in scene(net).discs if disc.id.startswith("u0-")]
        for one, other in pairwise(inputs):
            assert other.y - one.y > one.radius + other.radius


def test_of_large_layers_the_first_and_the_last_units_are_shown() -> None:
    net = viz.network(nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10)))
    picture = scene(net)
    assert len(picture.dots) == 6 and len(weights(net)) == 100 + 100
    written = texts(net.to_svg())
    assert "784" in written and "x784" in written and written.count("10 shown") == 2
    assert "⋮" in net.to_text("utf-8") and "h₅₀" in net.to_text("utf-8")
    assert shown_units(5, 5) == (0, 1, 2, 3, 4) and shown_units(6, 5) == (0, 1, 2, 3, 5)
    assert not scene(viz.network(digits_net(), max_units=25)).dots


def test_values_fill_the_circles() -> None:
    picture = scene(viz.network(xor(), x=[1, 0]))
    shades = {disc.id: disc.shade for disc in picture.discs}
    assert shades["u0-0"] > shades["u0-1"] == 0
    assert [short(v) for v in (1.0, 0.98765, 1e-9, -12.5, float("nan"))] == [
        "1", "0.99", "0.00", "-12.5", "nan",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "symbol"),
    [
        (nn.ReLU, "ReLU"), (nn.Tanh, "tanh"), (nn.Identity, ""), (nn.Step, "step"),
        (lambda: nn.Sequential(nn.Dropout(0.5), nn.Sigmoid(), nn.Flatten()), "σ"),
        (lambda: nn.Sequential(nn.BatchNorm1d(3), nn.ReLU()), "ReLU∘f"),
    ],
)  # fmt: skip
def test_an_activation_is_what_the_graph_shows(made: Any, symbol: str) -> None:
    net = viz.network(nn.Sequential(nn.Linear(2, 3), made(), nn.Linear(3, 1), nn.Step()))
    assert [layer.activation for layer in net.reading.layers] == [symbol, "step"]


def test_activations_need_no_module_and_weights_may_be_frozen() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            # In another order than they run.
            self.second, self.first = nn.Linear(3, 1), nn.Linear(2, 3)

        def forward(self, x: Any) -> Any:
            z = self.first(x)
            return self.second(z * ops.sigmoid(z)).tanh()

    net = viz.network(Own().requires_grad_(False))
    assert [layer.path for layer in net.reading.layers] == ["first", "second"]
    assert [layer.activation for layer in net.reading.layers] == ["f", "tanh"]
    assert "second" in texts(net.to_svg())


def test_a_layer_may_bring_its_activation() -> None:
    layers = nn.Dense(3, "relu", input_shape=2), nn.Dense(2), nn.Dense(4, "softmax")
    net = viz.network(nn.Sequential(*layers), x=[1, 2])
    assert [layer.activation for layer in net.reading.layers] == ["ReLU", "", "softmax"]
    assert net.reading.layers[2].values.sum() == pytest.approx(1) and len(scene(net).frames) == 1


def test_lazy_layers_are_drawn_for_an_input_and_stay_without_a_size() -> None:
    model = nn.Sequential(nn.LazyLinear(3), nn.Tanh(), nn.LazyLinear(1))
    with pytest.raises(ModelError, match="has not yet learned how many inputs it has"):
        viz.network(model)
    assert viz.network(model, x=[1, 2]).reading.sizes == (2, 3, 1)
    assert [p.shape for p in model.parameters()] == [(3, 0), (3,), (1, 0), (1,)]


class Skip(nn.Module):
    def __init__(self) -> None:
        self.a, self.b = nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x: Any) -> Any:
        return self.b(self.a(x) + x)


class Parallel(Skip):
    def forward(self, x: Any) -> Any:
        return self.a(x) * self.b(x)


class Recurrent(Skip):
    def forward(self, x: Any) -> Any:
        return self.b(self.a(self.a(x)))


class Wide(Skip):
    def forward(self, x: Any) -> Any:
        return ops.concatenate([self.a(x), self.a.weight[:1]], axis=-1)


class Twice(Skip):
    def forward(self, x: Any) -> Any:
        return self.a(x), self.b(x)


class Held(nn.Module):
    def __init__(self) -> None:
        self.table = nn.Parameter(np.ones((2, 2)))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (Skip(), "b also takes what the input gives"),
        (Parallel(), "b does not"),
        (Recurrent(), "a runs more than once"),
        (Wide(), "the sizes change from"),
        (Twice(), "gives tuple, not one Tensor"),
        (Held(), r"the model \(Held\) has a table of shape \(2, 2\)"),
        (nn.ReLU(), "ReLU has no module with a weight"),
    ],
)
def test_what_is_no_stack_of_layers_is_refused_with_the_reason(model: Any, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        viz.network(model)
    assert model.training


def test_a_convolution_is_refused_by_name() -> None:
    class Kernel(nn.Module):
        def __init__(self) -> None:
            self.weight = nn.Parameter(np.ones((2, 1, 3, 3)))

    with pytest.raises(ModelError, match=r"conv \(Kernel\) has a weight of shape \(2, 1, 3, 3\)"):
        model = nn.Sequential()
        model.add_module("conv", Kernel())
        viz.network(model)


def test_wrong_arguments_are_told() -> None:
    for arguments, why in (
        ({"x": [1, 2, 3]}, r"x has shape \(3,\), but the first layer takes 2"),
        ({"x": np.ones((2, 2))}, "Give one input"),
        ({"inputs": ["a"]}, "inputs has 1 names, but the model has 2"),
        ({"outputs": "y"}, "|"),
        ({"theme": "blue"}, "theme is 'blue'"),
        ({"max_units": 1}, "max_units is 1"),
    ):
        with pytest.raises(ValueError, match=why):
            viz.network(xor(), **arguments)
    with pytest.raises(TypeError, match="takes a model"):
        viz.network(None)


def test_the_same_network_gives_the_same_bytes() -> None:
    for theme in ("auto", "light", "dark", "print"):
        first, second = (viz.network(digits_net(), theme=theme) for _ in range(2))
        assert first.to_svg() == second.to_svg() == first._repr_svg_()
        assert first.to_dot().source == second.to_dot().source


def test_themes_are_variables_in_the_svg_and_colours_of_their_own() -> None:
    svg = viz.network(xor()).to_svg()
    assert "prefers-color-scheme:dark" in svg and "--gg-line" in svg
    assert "#0d1117" in viz.network(xor(), theme="dark").to_svg()
    assert "#c2255c" not in viz.network(xor(), theme="print").to_svg()


def test_hostile_names_stay_text() -> None:
    names = ["<script>", 'a"&\n\x1b[31m']
    svg = viz.network(xor(), inputs=names, outputs=["\\N"]).to_svg()
    assert "<script>" in texts(svg) and "\x1b" not in svg
    source = viz.network(xor(), inputs=names, outputs=["\\N"]).to_dot().source
    assert "<script>" not in source


def test_graphviz_gets_everything_at_its_place() -> None:
    net = viz.network(xor(), x=[1, 0])
    source = dot_of(scene(net), "dark").source
    picture = scene(net)
    assert source.count(" -- ") == len(picture.wires)
    assert source.count("shape=circle") == len(picture.discs)
    assert source.count("style=dashed") == 3  # two weights, and the legend


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf", ".dot", ".txt"])
def test_each_kind_of_file_is_written(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = viz.network(xor(), inputs=["사과", "귤"]).save(tmp_path / f"net{suffix}")
    started = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".dot": b"graph", ".txt": b"2"}
    if path.suffix == suffix:
        assert path.read_bytes().startswith(started[suffix]) and not capsys.readouterr().err
    else:  # no resvg-py and no Graphviz here
        assert path.read_bytes().startswith(b"<svg") and "needs" in capsys.readouterr().err


def test_without_resvg_and_graphviz_the_svg_is_saved_and_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    path = viz.network(xor()).save(tmp_path / "net.png")
    assert path == tmp_path / "net.svg" and path.read_text("utf-8").startswith("<svg")
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and told.startswith(f"graphgrad: saved {path} instead of net.png")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'a\.gif': a network is saved as \.svg"):
        viz.network(xor()).save(tmp_path / "a.gif")


def test_text_fits_every_terminal() -> None:
    wide = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=-1), nn.Linear(3, 100))
    for net in (viz.network(wide, x=np.ones(8)), viz.network(digits_net())):
        for encoding in ("utf-8", "ascii", "cp949"):
            text = net.to_text(encoding)
            text.encode(encoding)
        assert max(map(len, net.to_text("utf-8").splitlines())) <= 80
    assert "h_1 = sigmoid(20*x_1 + 20*x_2 - 10)" in viz.network(xor()).to_text("ascii")


def test_a_model_that_fails_says_what_it_ran_on() -> None:
    class Broken(Skip):
        def forward(self, x: Any) -> Any:
            raise KeyError("no such thing")

    with pytest.raises(KeyError) as caught:
        viz.network(Broken())
    assert "network() ran the model on (1, 2)" in caught.value.__notes__[0]


def test_a_model_that_takes_no_real_numbers_is_refused_in_one_error() -> None:
    with pytest.raises(ModelError) as caught:
        viz.network(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2)))
    text = str(caught.value)
    assert text.startswith("network() runs Sequential on real numbers of shape (1, 4), which it ")
    assert "must be integers" in text and text.endswith("viz.summary() show any model.")
    assert caught.value.__suppress_context__


def test_looks_default_to_all_that_there_is_room_for() -> None:
    assert viz.network(xor()).looks == Looks()
    assert repr(viz.network(xor())) == (
        "<Network 2-2-1; print(…) is its text, .save(…) its picture>"
    )


def test_weights_that_are_no_numbers_are_in_the_legend() -> None:
    model = xor()
    assert "nan or inf" not in texts(viz.network(model).to_svg())
    model[0].weight.data[0] = [np.nan, -np.inf]
    assert "nan or inf" in texts(viz.network(model).to_svg())


def test_an_empty_name_is_no_word_for_graphviz() -> None:
    source = viz.network(xor(), inputs=["", "b"]).to_dot().source
    assert '"></FONT>' not in source and ">b</FONT>" in source
