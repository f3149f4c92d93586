"""What every test may ask for by name."""

from tests.devices import device as device
