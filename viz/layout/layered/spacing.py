"""The height of each block: near to what it is linked with, and never too near to its neighbours.

Every block moves to the mean of its links, and then what overlaps is pushed apart, as little as
possible: blocks that would overlap stick together and move to their common mean. What counts is the
sum over all links of (how far from straight)² · strength.
Source: Dwyer, Marriott & Stuckey, Fast node overlap removal (2006), whose merging of blocks this
is, without the splitting: the moves in what room is left do that here.
"""

from __future__ import annotations

from viz.layout.layered.blocks import STIFF, Blocks

SWEEPS = 6
"""Rounds of long moves, after which blocks are about where they belong."""

STEPS = 80
"""Rounds of moves after these, at most, each of which makes the picture better."""

EFFORT = 6_000
"""Moves of single blocks in these rounds: a large picture gets fewer of them."""

STILL = 1e-3
"""Points; if no block moves farther in a round, it was the last."""

DAMPING = 0.5
"""The part of the way to its mean that a block goes: with more, links might become longer."""

LOOSE = 1e-3
"""The pull of a block on where it already is."""

NEARLY = 40.0
"""Points that something may move to have the height at which its wire leads through a frame."""

Neighbours = list[list[tuple[int, float]]]
Pulls = list[list[tuple[int, float, float]]]


def heights(blocks: Blocks) -> list[float]:
    """The height of each block, in points from an arbitrary origin."""
    above = blocks.above
    below: Neighbours = [[] for _ in above]
    for block, uppers in enumerate(above):
        for upper, least in uppers:
            below[upper].append((block, least))
    pulls: Pulls = [[] for _ in above]
    for pull in blocks.pulls:
        pulls[pull.one].append((pull.other, -pull.apart, pull.strength))
        pulls[pull.other].append((pull.one, pull.apart, pull.strength))
    weights = [sum(strength for *_, strength in some) + LOOSE for some in pulls]
    places = _packed(above)
    by_layer = sorted(range(len(above)), key=lambda b: (blocks.items[b][0][0].layer, b))
    flipped = _flipped(below)
    rounds = SWEEPS + min(STEPS, 8 + EFFORT // (len(places) + 1))
    for sweep in range(rounds):
        if sweep < SWEEPS:
            wanted = _chased(places, pulls, by_layer if sweep % 2 == 0 else by_layer[::-1])
        else:
            means = _means(places, pulls)
            wanted = [p + DAMPING * (m - p) for p, m in zip(places, means, strict=True)]
        before = places
        if sweep % 4 < 2:
            places = apart(wanted, weights, above)
        else:
            upwards = apart([-p for p in wanted[::-1]], weights[::-1], flipped)
            places = [-p for p in upwards[::-1]]
        _relax(places, pulls, above, below)
        if sweep >= SWEEPS and _farthest(before, places) < STILL:
            break
    _snap(blocks, places, below)
    return places


def _farthest(before: list[float], places: list[float]) -> float:
    """How far the block moved that moved farthest."""
    return max((abs(a - b) for a, b in zip(before, places, strict=True)), default=0.0)


def _snap(blocks: Blocks, places: list[float], below: Neighbours) -> None:
    """Moves what leads through a frame to its height there, where it is near and has room."""
    for pull in blocks.pulls:
        block, other, apart = pull.one, pull.other, -pull.apart
        if any(item.size.ports is not None for item, _ in blocks.items[block]):
            block, other, apart = pull.other, pull.one, pull.apart
        place = places[other] + apart
        if pull.strength == STIFF and abs(place - places[block]) < NEARLY:
            has_room = all(places[b] + least <= place for b, least in blocks.above[block])
            if has_room and all(place + least <= places[b] for b, least in below[block]):
                places[block] = place


def _packed(above: Neighbours) -> list[float]:
    """Each block as high as those above it allow."""
    places: list[float] = []
    for uppers in above:
        places.append(max((places[b] + least for b, least in uppers), default=0.0))
    return places


def _flipped(below: Neighbours) -> Neighbours:
    """The blocks from the last to the first, so that below is above."""
    last = len(below) - 1
    return [[(last - b, least) for b, least in lowers] for lowers in reversed(below)]


def _mean(places: list[float], links: list[tuple[int, float, float]]) -> float:
    """Where the links of a block, of which there are some, want it to be."""
    total = sum(strength for *_, strength in links)
    return sum((places[b] + apart) * strength for b, apart, strength in links) / total


def _chased(places: list[float], pulls: Pulls, order: list[int]) -> list[float]:
    """Each block at the mean of its links, one after the other: what it is far from comes along."""
    wanted = list(places)
    for block in order:
        if links := pulls[block]:
            wanted[block] = _mean(wanted, links)
    return wanted


def _means(places: list[float], pulls: Pulls) -> list[float]:
    """The mean of the links of each block, from where all blocks are now."""
    return [
        _mean(places, links) if links else place for place, links in zip(places, pulls, strict=True)
    ]


def _relax(places: list[float], pulls: Pulls, above: Neighbours, below: Neighbours) -> None:
    """Moves each block towards the mean of its links, as far as its neighbours leave room."""
    count = len(places)
    for order in (range(count), range(count - 1, -1, -1)):
        for block in order:
            if links := pulls[block]:
                place = _mean(places, links)
                for b, least in above[block]:
                    place = max(place, places[b] + least)
                for b, least in below[block]:
                    place = min(place, places[b] - least)
                places[block] = place


def apart(wanted: list[float], weights: list[float], above: Neighbours) -> list[float]:
    """The places nearest to the wanted ones, by weights, that keep all distances to those above.

    above: has only smaller numbers.
    """
    return _Apart(wanted, weights, above).places()


class _Apart:
    """Groups of blocks that stick together; each has the place of its first block."""

    def __init__(self, wanted: list[float], weights: list[float], above: Neighbours) -> None:
        self.above = above
        self.group = list(range(len(wanted)))
        self.shift = [0.0] * len(wanted)
        self.members = [[block] for block in self.group]
        self.place = list(wanted)
        self.weight = list(weights)
        self.open = [[(b, block, least) for b, least in above[block]] for block in self.group]

    def places(self) -> list[float]:
        for block in range(len(self.group)):
            self._settle(block)
        return [self.place[g] + s for g, s in zip(self.group, self.shift, strict=True)]

    def _settle(self, group: int) -> None:
        """Joins a group with those above it that it overlaps, the worst first."""
        while True:
            place, groups, shift = self.place, self.group, self.shift
            worst, found, kept = 1e-9, None, []
            own = place[group]
            for limit in self.open[group]:
                upper, block, least = limit
                other = groups[upper]
                if other == group:
                    continue
                kept.append(limit)
                overlap = place[other] + shift[upper] + least - own - shift[block]
                if overlap > worst:
                    worst, found = overlap, limit
            self.open[group] = kept
            if found is None:
                return
            upper, block, least = found
            group = self._join(groups[upper], group, shift[upper] + least - shift[block])

    def _join(self, one: int, other: int, distance: float) -> int:
        """Lets other stand at a distance below one, both where they are best together."""
        if len(self.members[one]) < len(self.members[other]):
            one, other, distance = other, one, -distance
        weight = self.weight[one] + self.weight[other]
        pull = self.weight[one] * self.place[one]
        pull += self.weight[other] * (self.place[other] - distance)
        self.place[one], self.weight[one] = pull / weight, weight
        for block in self.members[other]:
            self.group[block] = one
            self.shift[block] += distance
        self.members[one] += self.members[other]
        self.open[one] += self.open[other]
        self.members[other], self.open[other] = [], []
        return one
