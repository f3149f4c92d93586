"""Rooms: a region and what lies directly in it, or the whole picture; each is laid out by itself.

A link from room to room is cut into ties at the frames it passes. What can be no rectangle, because
a way leads out of it and back in, loses its frame here. `sheet.py` lays out one room.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

from viz.layout.plan import Plan

BORDER = -1
"""In place of a member, where a tie ends at the frame of its room."""


@dataclass(frozen=True, slots=True)
class Tie:
    """The part of a link that lies in one room. tail, head: members of the room, or BORDER."""

    link: int
    tail: int
    head: int


@dataclass(slots=True)
class Room:
    """What is laid out together. Members below the number of spots are spots, others rooms."""

    key: int
    members: list[int] = field(default_factory=list)
    ties: list[Tie] = field(default_factory=list)


class Nest:
    """Which room everything lies in: spots are 0 … n − 1, regions n … n + m − 1, the picture last.

    Raises ValueError for links in a circle.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        spots = {spot.id: i for i, spot in enumerate(plan.spots)}
        count = len(plan.spots)
        self.first = count
        self.root = count + len(plan.regions)
        regions = {region.id: count + i for i, region in enumerate(plan.regions)}
        around = [spot.region for spot in plan.spots] + [r.parent for r in plan.regions]
        self.parents = [regions.get(name, self.root) for name in around]
        self.links = [(spots[link.tail], spots[link.head]) for link in plan.links]
        self.dissolved: set[int] = set()
        for key in self._entered_again():
            self._remove(key)
        while knotted := self._knotted():
            self._dissolve(*knotted)

    def rooms(self) -> list[Room]:
        """Every room that has members, inner before outer."""
        rooms = self._cut()
        order = [self.root]
        for key in order:
            order += [k for k in rooms[key].members if k >= self.first]
        return [rooms[key] for key in reversed(order)]

    def _cut(self) -> dict[int, Room]:
        """All rooms by their keys, with members in the order of the plan, empty ones left out."""
        keys = [k for k in range(self.first, self.root + 1) if k not in self.dissolved]
        rooms = {key: Room(key) for key in keys}
        occupied = {self.root}
        for spot in range(self.first):
            key = self.parents[spot]
            while key not in occupied:
                occupied.add(key)
                key = self.parents[key]
        for key, parent in enumerate(self.parents):
            if key < self.first or (key in rooms and key in occupied):
                rooms[parent].members.append(key)
        for i, (tail, head) in enumerate(self.links):
            for key, tie in self._ties(i, tail, head):
                rooms[key].ties.append(tie)
        return rooms

    def _ties(self, link: int, tail: int, head: int) -> list[tuple[int, Tie]]:
        """The rooms that a link passes, from its tail to its head, and its tie in each."""
        out, inner = self._outwards(tail), self._outwards(head)
        while len(out) > 1 and len(inner) > 1 and out[-2] == inner[-2]:
            out.pop()
            inner.pop()
        leaving = [(r, Tie(link, m, BORDER)) for m, r in pairwise(out[:-1])]
        entering = [(r, Tie(link, BORDER, m)) for m, r in pairwise(inner[:-1])]
        return [*leaving, (out[-1], Tie(link, out[-2], inner[-2])), *reversed(entering)]

    def _outwards(self, spot: int) -> list[int]:
        """The spot and all rooms around it."""
        keys = [spot]
        while keys[-1] != self.root:
            keys.append(self.parents[keys[-1]])
        return keys

    def _entered_again(self) -> list[int]:
        """The regions that some way leaves and enters again. Raises ValueError for a circle."""
        heads: list[list[int]] = [[] for _ in range(self.first)]
        waiting = [0] * self.first
        for tail, head in self.links:
            heads[tail].append(head)
            waiting[head] += 1
        order = [spot for spot, count in enumerate(waiting) if not count]
        # As bits of a number: the regions around a spot, and those that ways to it have left.
        inside = [sum(1 << key for key in self._outwards(spot)[1:]) for spot in range(self.first)]
        left = [0] * self.first
        again = 0
        for tail in order:
            for head in heads[tail]:
                left[head] |= left[tail] | inside[tail] & ~inside[head]
                again |= left[tail] & inside[head]
                waiting[head] -= 1
                if not waiting[head]:
                    order.append(head)
        if len(order) < self.first:
            raise ValueError("links go in a circle; a layout needs a graph without")
        return [key for key in range(self.first, self.root) if again >> key & 1]

    def _knotted(self) -> tuple[int, list[int]] | None:
        """A room whose ties go in a circle, an outer one first, and what may be why."""
        rooms = self._cut()
        order = [self.root]
        for key in order:
            order += [k for k in rooms[key].members if k >= self.first]
            if stuck := _circle(rooms[key]):
                return key, [k for k in rooms[key].members if k >= self.first and k in stuck]
        return None

    def _dissolve(self, key: int, suspects: list[int]) -> None:
        """Removes the frame of the smallest suspect after which the room has no circle."""
        sizes = dict.fromkeys(suspects, 0)
        for spot in range(self.first):
            for around in self._outwards(spot):
                if around in sizes:
                    sizes[around] += 1
        suspects = sorted(suspects, key=lambda k: sizes[k])
        for suspect in suspects:
            before = list(self.parents)
            self._remove(suspect)
            if not _circle(self._cut()[key]):
                return
            self.parents = before
            self.dissolved.remove(suspect)
        self._remove(suspects[0])

    def _remove(self, key: int) -> None:
        self.dissolved.add(key)
        parent = self.parents[key]
        self.parents = [parent if around == key else around for around in self.parents]


def _circle(room: Room) -> set[int]:
    """The members that lie on a circle of ties or between two of them."""
    pairs = [(t.tail, t.head) for t in room.ties if BORDER not in (t.tail, t.head)]
    stuck = _unreached(room.members, pairs)
    if stuck:
        pairs = [(head, tail) for tail, head in pairs if tail in stuck and head in stuck]
        stuck = _unreached([key for key in room.members if key in stuck], pairs)
    return stuck


def _unreached(members: list[int], pairs: list[tuple[int, int]]) -> set[int]:
    """The members that have no place in a topological order."""
    waiting = dict.fromkeys(members, 0)
    heads: dict[int, list[int]] = {key: [] for key in members}
    for tail, head in pairs:
        waiting[head] += 1
        heads[tail].append(head)
    ready = deque(key for key, count in waiting.items() if not count)
    while ready:
        for head in heads[ready.popleft()]:
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    return {key for key, count in waiting.items() if count}
