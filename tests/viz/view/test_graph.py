"""Reading the nodes: order, several outputs, and the modules that things lie in."""

from __future__ import annotations

import contextlib
import threading

from autograd import Tensor, ops, scope
from autograd.graph import Node, constant
from tests.viz.graphs import leaf, matrix, stack, two_layers
from viz.view import view_of
from viz.view.graph import Graph, box_of, depth_first, is_plain_number, parents_first


def homes(y: Tensor, inside: list[Tensor] | None = None) -> dict[str, str]:
    """The path of the module that each named leaf lies in; "" outside all."""
    graph = Graph([constant(y)], [constant(t) for t in inside or []])
    leaves = [box for box in graph.boxes if box.op is None and box.name]
    return {leaf.name: chain[-1].path if (chain := graph.chain(leaf)) else "" for leaf in leaves}


def test_the_order_is_that_of_the_formula_whenever_leaves_were_made() -> None:
    b, a = leaf(2.0, "b"), leaf(1.0, "a")
    order = parents_first([constant(a * b + a)])
    assert [node.name or node.op.name for node in order] == ["a", "b", "mul", "add"]


def test_an_operation_with_several_outputs_is_one_box_with_several_values() -> None:
    low, high = ops.split(Tensor([1.0, 2.0], requires_grad=True), 2)
    graph = Graph([high.node, low.node])
    box = box_of(high.node)
    assert box is box_of(low.node) and graph.boxes.count(box) == 1
    assert graph.values(box) == [low.node, high.node]


def test_something_that_depends_on_itself_is_listed_once() -> None:
    parents = {"a": ["b"], "b": ["c"], "c": ["a"]}
    assert sorted(depth_first(["a"], parents.__getitem__)) == ["a", "b", "c"]


def test_a_parameter_lies_in_the_innermost_module_that_has_all_its_uses() -> None:
    assert homes(two_layers()) == {
        "x": "",
        "net.fc1.weight": "net.fc1",
        "net.fc1.bias": "net.fc1",
        "net.fc2.weight": "net.fc2",
        "net.fc2.bias": "net.fc2",
    }


def test_a_parameter_of_two_modules_lies_in_the_one_around_both() -> None:
    x, w, v = leaf(1.0), leaf(2.0, "w"), leaf(3.0, "v")
    with scope("net"):
        with scope("encoder"):
            h = x * w * v
        with scope("decoder"):
            y = h * w
    assert homes(y) == {"w": "net", "v": "net.encoder"}
    assert homes(y * v) == {"w": "net", "v": ""}


def test_an_output_lies_in_no_module() -> None:
    w = leaf(2.0, "w")
    with scope("net"):
        y = w * 3.0
    graph = Graph([y.node, w.node])
    assert graph.chain(w.node) == () and graph.chain(y.node)


def test_data_lies_outside_and_numbers_of_the_formula_inside() -> None:
    x, two, w = Tensor(1.0), Tensor(2.0, name="two"), leaf(3.0, "w")
    with scope("net"):
        y = x * w * two * 5.0
    graph = Graph([y.node])
    inside = [b for b in graph.boxes if b.op is None and graph.chain(b)]
    assert [float(b.value) for b in inside] == [1.0, 3.0, 5.0]
    assert not graph.chain(constant(two))


def test_of_a_model_only_its_own_parameters_lie_inside() -> None:
    x, w, mask = leaf(1.0, "x"), leaf(2.0, "w"), Tensor([1.0, 0.0], name="mask")
    with scope("net"):
        y = x * w * mask
    assert homes(y) == {"x": "net", "w": "net", "mask": ""}
    assert homes(y, [w]) == {"x": "", "w": "net", "mask": ""}
    assert homes(y, [w, mask]) == {"x": "", "w": "net", "mask": "net"}


def test_each_run_of_a_scope_is_a_module_of_its_own() -> None:
    graph = Graph([stack(3).node])
    entries = list(dict.fromkeys(e for box in graph.boxes for e in graph.chain(box)))
    assert [entry.name for entry in entries] == ["block1", "block2", "block3"]


def test_modules_may_lie_in_one_another_deeper_than_python_recurses() -> None:
    with contextlib.ExitStack() as stack_of_scopes:
        for i in range(3_000):
            stack_of_scopes.enter_context(scope(f"s{i}"))
        y = matrix(1, 1, "w") * 2.0
    assert len(Graph([y.node]).chain(y.node)) == 3_000
    assert view_of([y]).boxes[0].label == "w"


def test_only_an_untracked_number_is_a_plain_one() -> None:
    assert is_plain_number(constant(Tensor(2.0)))
    assert not any(map(is_plain_number, [leaf(2.0).node, constant(Tensor([2.0]))]))
    assert not is_plain_number((leaf(2.0) * 2.0).node)


def test_the_scope_of_another_thread_is_not_entered_here() -> None:
    found: list[Node] = []
    with scope("mine"):
        thread = threading.Thread(target=lambda: found.append((leaf(1.0) * 2.0).node))
        thread.start()
        thread.join()
    assert found[0].module is None
