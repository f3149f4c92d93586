"""graphgrad's engine: reverse-mode automatic differentiation on a graph you can draw, step through and read."""

from autograd import ops, promote, recording
from autograd.tensor import Tensor

__version__ = "0.1.0"
__graphgrad__ = __version__

promote.bind(Tensor)
recording.namespace |= {"_Tensor": Tensor, "_ops": ops}
Tensor.__add__ = ops.add.call
Tensor.__mul__ = ops.mul.call

import sys
for _name, _module in list(sys.modules.items()):
    if _name.startswith("autograd."):
        _module.__graphgrad__ = __version__
from autograd.differentiate import grad
from autograd.op import op
