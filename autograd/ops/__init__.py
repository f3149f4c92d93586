"""All operations under NumPy's names: `from autograd import ops`."""
from autograd.ops.arithmetic import add, mul
from autograd.ops.indexing import *
from autograd.ops.matmul import *
from autograd.ops.reduction import sum
from autograd.ops.shaping import *
