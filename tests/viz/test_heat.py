"""Values as text and cells, and what the elements of a contribution are sums of."""

from __future__ import annotations

import numpy as np

from autograd import Tensor, ops
from autograd.graph import constant
from tests.viz.graphs import leaf, matrix
from viz.heat import Table, local_of, terms_of


def test_equal_values_are_one_row() -> None:
    table = Table(4)
    places = [table.add(np.float64(x)) for x in (1.5, 2.0, 1.5)]
    assert places == [0, 1, 0]
    assert table.rows == [{"text": "1.5"}, {"text": "2"}]


def test_a_small_array_comes_with_all_its_numbers() -> None:
    table = Table(4)
    table.add(np.array([[1.0, np.nan], [-np.inf, 1 / 3]]))
    assert table.rows[0]["shape"] == [2, 2] and "blocks" not in table.rows[0]
    assert table.rows[0]["cells"] == [["1", "nan"], ["-inf", "0.3333"]]


def test_leading_axes_stand_below_one_another() -> None:
    table = Table(4)
    table.add(np.arange(12.0).reshape(2, 3, 2))
    assert table.rows[0]["cells"][2:4] == [["4", "5"], ["6", "7"]]
    assert table.rows[table.add(np.zeros((0, 3)))] == {"text": "(0, 3) empty"}


def test_a_large_array_is_shown_by_the_means_of_its_blocks() -> None:
    table, array = Table(4), np.arange(32.0 * 50).reshape(32, 50)
    table.add(array)
    rows, columns = table.rows[0]["blocks"]
    assert (rows[0], rows[-1], len(rows)) == (0, 32, 17)
    assert (columns[0], columns[-1], len(columns)) == (0, 50, 17)
    cells = table.rows[0]["cells"]
    assert len(cells) == len(cells[0]) == 16
    mean = array[rows[3] : rows[4], columns[5] : columns[6]].mean()
    assert float(cells[3][5]) == mean


def test_without_cells_only_the_shape_and_the_norm_remain() -> None:
    table = Table(4, cells=0)
    table.add(np.ones((2, 2)))
    assert table.rows == [{"text": "(2, 2) norm 2", "shape": [2, 2]}]


def test_the_local_derivative_is_what_the_rule_makes_of_one() -> None:
    x, y = leaf(3.0), leaf(4.0)
    node, g = constant(x * y), np.asarray(10.0)
    assert local_of(node, 0, g, np.asarray(40.0)) == 4
    assert local_of(node, 1, g, np.asarray(30.0)) == 3


def test_what_is_no_product_element_by_element_has_no_local_derivative() -> None:
    a, b = matrix(2, 3), matrix(3, 3)
    node, g = constant(a @ b), np.ones((2, 3))
    assert local_of(node, 0, g, g @ b.data.T) is None
    # Here the product happens to come out right, and the rule still is another.
    node = constant(ops.softmax(a))
    assert local_of(node, 0, g, np.zeros((2, 3))) is None
    assert local_of(node, 0, g * np.nan, g * np.nan) is None


def test_the_terms_of_a_product_of_matrices_add_up_to_its_gradient() -> None:
    a, b = matrix(4, 2), matrix(2, 3)
    node, g = constant(a @ b), np.arange(12.0).reshape(4, 3)
    c = a.data.T @ g
    terms = terms_of(node, 1, g, c, 17)
    assert terms is not None and len(terms) == 6
    for found, expected in zip(terms, c.ravel(), strict=True):
        places, factors = found[::2], [float(text) for text in found[1::2]]
        assert len(places) == 4
        assert np.isclose(np.dot(g.ravel()[places], factors), expected)


def test_a_broadcast_input_gathers_all_that_it_went_to() -> None:
    x, b = matrix(2, 3), Tensor(np.ones(3), requires_grad=True)
    g = np.ones((2, 3))
    assert terms_of(constant(x + b), 1, g, g.sum(0), 4) == [
        [0, "1", 3, "1"], [1, "1", 4, "1"], [2, "1", 5, "1"],
    ]  # fmt: skip


def test_large_arrays_and_single_numbers_have_no_terms() -> None:
    g = np.ones((20, 20))
    assert terms_of(constant(matrix(20, 20) * 2.0), 0, g, 2 * g, 4) is None
    one = np.asarray(1.0)
    assert terms_of(constant(leaf(2.0) * 2.0), 0, one, 2 * one, 4) is None


def test_a_local_derivative_that_is_infinite_is_no_warning() -> None:
    node = constant(ops.log(leaf(1.0)))
    node.kept = (np.array(0.0),)
    local = local_of(node, 0, np.array(0.0), np.array(np.nan))
    assert local is not None and np.isinf(local)
