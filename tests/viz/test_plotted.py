"""What all plots share: files by their ending, and life without matplotlib."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import viz
from viz.plotted import Plotted

PLOTS = [
    viz.curve([3.0, 2.0, 1.0]),
    viz.histogram(np.arange(6.0)),
    viz.boundary(lambda x: x, np.eye(2), np.array([0, 1])),
]


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: type(plot).__name__)
def test_a_picture_in_a_vector_format_is_sized_in_pixels(plot: Plotted, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures of plots need matplotlib")
    head = plot.save(tmp_path / "plot.svg").read_text("utf-8")[:600]
    assert 'pt"' not in head and 'width="' in head


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: type(plot).__name__)
def test_every_plot_is_saved_as_text_too_and_names_the_endings(
    plot: Plotted, tmp_path: Path
) -> None:
    assert plot.save(tmp_path / "plot.txt").read_text("utf-8") == f"{plot.to_text('utf-8')}\n"
    with pytest.raises(ValueError, match=r"saved as \.png, \.svg, \.pdf, \.txt"):
        plot.save(tmp_path / "plot.gif")
    assert str(plot) == repr(plot) == plot.to_text()
