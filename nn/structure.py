"""Nested values as JSON and back: the structure of a checkpoint, whose arrays are stored beside it.

JSON knows no tuples, no integer keys, no NaN and no bytes, so these become objects with a "$" that
says what they are. Nothing here can name a class or a function: what a file may hold is this list
of kinds and no more. The file itself is in `archive.py`.
"""

from __future__ import annotations

import base64
import enum
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd import Tensor, as_tensor, get_default_device
from autograd.backend import Array, is_array, is_cupy, to_device

__all__: list[str] = []

DEEPEST = 100  # levels of nesting; far below what Python's own recursion allows
_EXACT = 2**53  # JSON readers that know only float64 keep integers below this
_DTYPE = re.compile(r"[<>|=][biufc][0-9]{1,2}")
_LONGEST_NAME = 150
RESERVED = ("structure", "structure_sha256")


class Encoder:
    """Turns a nested value into JSON, and gathers its arrays under readable, unique names.

    After encode(), `arrays` has each array once, though several places may name it.
    """

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self._names: dict[tuple[Any, ...], str] = {}
        self._open: set[int] = set()

    def encode(self, value: Any, path: tuple[str, ...] = ()) -> Any:
        """value as what json.dumps takes.

        Raises TypeError naming the place of a value that cannot be stored, ValueError for a nest
        that is too deep or contains itself.
        """
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Tensor):
            return {"$": "tensor", "name": self._stored(value.data, path)}
        if is_array(value):
            return {"$": "array", "name": self._stored(value, path)} | (
                {"device": True} if is_cupy(value) else {}
            )
        if isinstance(value, np.generic):
            _check_dtype(value.dtype, path)
            return {"$": "scalar", "dtype": value.dtype.str, "hex": value.tobytes().hex()}
        if isinstance(value, enum.Enum):
            raise _unsupported(value, path, "Store its .value or .name.")
        if isinstance(value, int):
            return int(value) if abs(value) < _EXACT else {"$": "int", "hex": hex(value)}
        if isinstance(value, float):
            number = float(value)
            return number if math.isfinite(number) else {"$": "float", "value": repr(number)}
        if isinstance(value, str):
            return str(value)
        if type(value) is bytes:
            return {"$": "bytes", "base64": base64.b64encode(value).decode("ascii")}
        return self._encode_nest(value, path)

    def _encode_nest(self, value: Any, path: tuple[str, ...]) -> Any:
        """A list, tuple or mapping as JSON."""
        if not (isinstance(value, Mapping) or type(value) in (list, tuple)):
            raise _unsupported(value, path)
        if id(value) in self._open:
            raise ValueError(f"{_place(path)} contains itself, so it cannot be stored. Break it.")
        if len(path) >= DEEPEST:
            raise ValueError(
                f"{_place(path[:3])}…: nested deeper than {DEEPEST} levels. Flatten it."
            )
        self._open.add(id(value))
        try:
            if isinstance(value, Mapping):
                return self._encode_mapping(value, path)
            items = [self.encode(item, (*path, str(i))) for i, item in enumerate(value)]
            return items if type(value) is list else {"$": "tuple", "items": items}
        finally:
            self._open.discard(id(value))

    def _encode_mapping(self, value: Mapping[Any, Any], path: tuple[str, ...]) -> Any:
        for key in value:
            if isinstance(key, bool | enum.Enum | np.generic) or not isinstance(key, str | int):
                raise TypeError(
                    f"{_place(path)} has the key {key!r}, {kind_of(key)}. "
                    "The keys of a checkpoint are strings and integers: convert it first."
                )
        items = [(key, self.encode(item, (*path, str(key)))) for key, item in value.items()]
        if all(isinstance(key, str) and key != "$" for key, _ in items):
            return {str(key): item for key, item in items}
        return {"$": "dict", "items": [[self.encode(key), item] for key, item in items]}

    def _stored(self, array: Array, path: tuple[str, ...]) -> str:
        """The name under which array is stored; the same memory in the same shape has one name."""
        if not (type(array) in (np.ndarray, np.memmap) or is_cupy(array)):
            raise _unsupported(array, path, "Convert it to a plain array with np.asarray().")
        _check_dtype(array.dtype, path)
        start = array.data.ptr if is_cupy(array) else array.__array_interface__["data"][0]
        layout = (is_cupy(array), start, array.shape, array.strides, array.dtype.str)
        if layout not in self._names:
            self._names[layout] = name = self._new_name(path)
            self.arrays[name] = array
        return self._names[layout]

    def _new_name(self, path: tuple[str, ...]) -> str:
        """A name that tells the place, fits any file system, and is not in use."""
        plain = re.sub(r"[^\w.\-]", "_", ".".join(path) or "array")[:_LONGEST_NAME]
        if plain in RESERVED or plain.endswith(".npy"):
            plain += "_"  # numpy.load takes ".npy" off a name
        name, count = plain, 1
        while name in self.arrays:
            count += 1
            name = f"{plain}~{count}"
        return name


class Decoder:
    """Turns JSON from `Encoder` back into the nested value.

    arrays: the stored arrays by name.  device: where tensors, and arrays that came from a GPU, go;
    the default device if None.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray[Any, Any]], device: str | None) -> None:
        self._arrays = arrays
        self._device = get_default_device() if device is None else device
        self._moved: dict[str, Array] = {}

    def decode(self, tree: Any) -> Any:
        """The value of a tree.

        Raises ValueError, KeyError or TypeError for a tree that no Encoder wrote.
        """
        if isinstance(tree, list):
            return [self.decode(item) for item in tree]
        if not isinstance(tree, dict):
            return tree
        if "$" not in tree:
            return {key: self.decode(item) for key, item in tree.items()}
        match tree["$"]:
            case "tuple":
                return tuple([self.decode(item) for item in tree["items"]])
            case "dict":
                return {self._key(key): self.decode(item) for key, item in tree["items"]}
            case "tensor":
                return as_tensor(self._on_device(tree["name"]), device=self._device)
            case "array":
                name = tree["name"]
                return self._on_device(name) if tree.get("device") else self._arrays[name]
            case "scalar":
                content, dtype = bytes.fromhex(tree["hex"]), as_dtype(tree["dtype"])
                if len(content) != dtype.itemsize:
                    raise ValueError(f"{len(content)} bytes are no {dtype} number")
                return np.frombuffer(content, dtype)[0]
            case "int":
                return int(tree["hex"], 16)
            case "float":
                return float(tree["value"])
            case "bytes":
                return base64.b64decode(tree["base64"], validate=True)
        raise ValueError(f"the kind {tree['$']!r} is not known")

    def _key(self, key: Any) -> str | int:
        value = self.decode(key)
        if not isinstance(value, str | int):
            raise ValueError(f"{value!r} is no key")
        return value

    def _on_device(self, name: str) -> Array:
        """The array on the device, moved once however often it is named."""
        if name not in self._moved:
            self._moved[name] = to_device(self._arrays[name], self._device)
        return self._moved[name]


def as_dtype(text: Any) -> np.dtype[Any]:
    """The dtype of numbers that text such as "<f4" names. Raises ValueError for any other text."""
    if not isinstance(text, str) or not _DTYPE.fullmatch(text):
        raise ValueError(f"{text!r} is no dtype of numbers")
    try:
        return np.dtype(text)
    except TypeError as error:  # such as "<f3"
        raise ValueError(f"{text!r} is no dtype of this machine") from error


def _check_dtype(dtype: Any, path: tuple[str, ...]) -> None:
    if dtype.kind not in "biufc":
        raise TypeError(
            f"{_place(path)} has dtype {dtype}. A checkpoint holds arrays of bool, integer and "
            "floating numbers; store strings as lists of str."
        )


def _place(path: tuple[str, ...]) -> str:
    """A place in the structure, as messages name it."""
    return ".".join(path) or "the object"


def kind_of(value: object) -> str:
    """The class of value with its article: "an int64"."""
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _unsupported(value: Any, path: tuple[str, ...], remedy: str = "") -> TypeError:
    listed = (
        "It holds dicts, lists and tuples of tensors, arrays, numbers, strings, bytes, bool and "
        "None; store a state_dict() instead of an object."
    )
    return TypeError(
        f"{_place(path)} is {kind_of(value)}, which a checkpoint cannot hold. {remedy or listed}"
    )
