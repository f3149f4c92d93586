"""All operations under NumPy's names, as functions of Tensors: `from autograd import ops`.

Each module here holds one family, declared whole: the mathematics, its rule, its formula. This
namespace is also what a rule gets as `xp` when it runs on Tensors. What a module exports is in its
`__all__`; a list of the names here would be a second copy.
"""

from autograd.ops import linalg as linalg
from autograd.ops.activation import *
from autograd.ops.adaptive import *
from autograd.ops.arithmetic import *
from autograd.ops.averaging import *
from autograd.ops.comparison import *
from autograd.ops.convolution import *
from autograd.ops.correlation import *
from autograd.ops.creation import *
from autograd.ops.cumulative import *
from autograd.ops.diagonals import *
from autograd.ops.einsum import *
from autograd.ops.elementary import *
from autograd.ops.gathering import *
from autograd.ops.indexing import *
from autograd.ops.joining import *
from autograd.ops.linalg import *
from autograd.ops.losses import *
from autograd.ops.margins import *
from autograd.ops.matmul import *
from autograd.ops.normalization import *
from autograd.ops.norms import *
from autograd.ops.ordering import *
from autograd.ops.pooling import *
from autograd.ops.reduction import *
from autograd.ops.shaping import *
from autograd.ops.softmax import *
from autograd.ops.special import *
from autograd.ops.window import *
