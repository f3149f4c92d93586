"""What one, two and three layers of step units can tell apart: half-planes, convex regions, any.

    layer 1  step(w·x + b)      a half-plane for each unit
    layer 2  step(Σ h − n + ½)  AND: what n half-planes share, a convex region
    layer 3  step(Σ r − ½)      OR: any of the regions, and so whatever shape they make up

The nets are built and not trained, after the classical figure. Of XOR's 4 points they get 3, 4 and
4 right, of 400 in two meshed horseshoes 309, 345 and 400. Three layers are enough for any shape.
That two give convex regions alone holds for the AND, not for other weights: see 20_moons.py. Writes
out/regions_xor.svg, out/regions_meshed.svg and out/regions_net.svg.
Source: Lippmann, An introduction to computing with neural nets (1987), fig. 14.
"""

from pathlib import Path

import numpy as np

import nn
import viz

OUT = Path("out")
SEED, EACH = 0, 200
HalfPlane = tuple[float, float, float]  # w₁, w₂, b of w₁x₁ + w₂x₂ + b > 0
Box = tuple[float, float, float, float]  # least and greatest x₁, least and greatest x₂
TITLES = "one layer", "two layers", "three layers"
UPRIGHT: list[Box] = [(0, 1, 0, 5), (1, 3, 0, 1), (3, 4, 0, 5)]
TURNED: list[Box] = [(1.5, 2.5, 1.5, 6.5), (2.5, 4.5, 5.5, 6.5), (4.5, 5.5, 1.5, 6.5)]


def box(left: float, right: float, low: float, high: float) -> list[HalfPlane]:
    """The four half-planes that share a box, with some room around it."""
    return [(1, 0, 0.2 - left), (-1, 0, right + 0.2), (0, 1, 0.2 - low), (0, -1, high + 0.2)]


def layer(weight: object, bias: object) -> list[nn.Module]:
    """Step units with weights (out, in) and biases (out,)."""
    weight, bias = np.array(weight, "float32"), np.array(bias, "float32")
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.load_state_dict({"weight": weight, "bias": bias})
    return [linear, nn.Step()]


def net(regions: list[list[HalfPlane]], layers: int) -> nn.Sequential:
    """1 in the regions, each what some half-planes share; with two layers there can be but one."""
    planes = [plane for region in regions for plane in region]
    units = layer([plane[:2] for plane in planes], [plane[2] for plane in planes])
    if layers > 1:
        owners = np.repeat(np.arange(len(regions)), [len(region) for region in regions])
        owned = owners == np.arange(len(regions))[:, None]
        units += layer(owned, 0.5 - owned.sum(axis=1))
    if layers > 2:
        units += layer(np.ones((1, len(regions))), [-0.5])
    return nn.Sequential(*units)


def points_in(boxes: list[Box]) -> np.ndarray:
    """EACH points, evenly spread."""
    ends = np.array(boxes)
    areas = (ends[:, 1] - ends[:, 0]) * (ends[:, 3] - ends[:, 2])
    chosen = ends[rng.choice(len(boxes), EACH, p=areas / areas.sum())]
    return rng.uniform(chosen[:, ::2], chosen[:, 1::2])


rng = np.random.default_rng(SEED)
corners, xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
band, ends = [(1, 1, -0.5), (-1, -1, 1.5)], [box(0, 0, 1, 1), box(1, 1, 0, 0)]
horseshoes, which = np.vstack([points_in(TURNED), points_in(UPRIGHT)]), np.repeat([0, 1], EACH)
tasks = {
    "xor": (corners, xor, [band[:1]], [band], ends),
    "meshed": (horseshoes, which, [[(-1, -1, 5)]], [box(0, 4, 0, 5)], [box(*b) for b in UPRIGHT]),
}
OUT.mkdir(exist_ok=True)
right = {}
for name, (x, y, *regions) in tasks.items():
    nets = {title: net(r, i) for i, (title, r) in enumerate(zip(TITLES, regions, strict=True), 1)}
    drawing = viz.boundary(nets, x, y, width=40)
    print(drawing, f"drawn to {drawing.save(OUT / f'regions_{name}.svg')}\n", sep="\n")
    right[name] = ", ".join(str(plane.right) for plane in drawing.planes)
print(f"drawn to {viz.network(nets[TITLES[2]]).save(OUT / 'regions_net.svg')}")
print(f"points right with one, two, three layers: XOR {right['xor']}; meshed {right['meshed']}")
