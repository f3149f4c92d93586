"""Which of NumPy's names exist in CuPy, and which of their keywords CuPy lacks: data only.

Read off CuPy 13.6.0 itself (`dir` and `inspect.signature` of the wheel) on NumPy 2.4, and compared
with CuPy 14.2, which keeps every name below.  Left out: names that NumPy 2 no longer has, warnings,
I/O, polynomials, and what takes a Python function.  `functions.py` builds the stand-in from these
tables; `CUPY_NAMES` also serves the name check on the engine.
"""

from __future__ import annotations

UFUNCS = frozenset(
    """
    abs absolute add arccos arccosh arcsin arcsinh arctan arctan2 arctanh bitwise_and bitwise_not
    bitwise_or bitwise_xor cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide
    divmod equal exp exp2 expm1 fabs fix float_power floor floor_divide fmax fmin fmod frexp gcd
    greater greater_equal heaviside hypot i0 invert isfinite isinf isnan lcm ldexp left_shift less
    less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or
    logical_xor matmul maximum minimum mod modf multiply negative nextafter not_equal positive
    power rad2deg radians reciprocal remainder right_shift rint sign signbit sin sinc sinh sqrt
    square subtract tan tanh true_divide trunc
    """.split()
)

FUNCTIONS = frozenset(
    """
    all allclose amax amin angle any append arange argmax argmin argpartition
    argsort argwhere around array array_equal array_equiv array_split asanyarray asarray
    ascontiguousarray asfortranarray atleast_1d atleast_2d atleast_3d average bartlett bincount
    blackman broadcast_arrays broadcast_shapes broadcast_to can_cast choose clip column_stack
    common_type compress concatenate convolve copy copyto corrcoef correlate count_nonzero cov
    cross cumprod cumsum delete diag diag_indices diag_indices_from diagflat diagonal diff digitize
    dot dsplit dstack ediff1d einsum empty empty_like expand_dims extract eye fill_diagonal
    flatnonzero flip fliplr flipud full full_like gradient hamming hanning histogram histogram2d
    histogramdd hsplit hstack identity imag indices inner interp intersect1d isclose iscomplex
    iscomplexobj isfortran isin isneginf isposinf isreal isrealobj isscalar issubdtype iterable
    ix_ kaiser kron lexsort linspace logspace max may_share_memory mean median meshgrid min
    min_scalar_type mintypecode moveaxis nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax
    nanmean nanmedian nanmin nanprod nanstd nansum nanvar ndim nonzero ones ones_like outer
    packbits pad partition percentile place prod promote_types ptp put putmask quantile
    ravel ravel_multi_index real real_if_close repeat require reshape resize result_type roll
    rollaxis rot90 round searchsorted select setdiff1d setxor1d shape shares_memory size sort
    sort_complex split squeeze stack std sum swapaxes take take_along_axis tensordot tile trace
    transpose tri tril tril_indices tril_indices_from trim_zeros triu triu_indices
    triu_indices_from typename union1d unique unpackbits unravel_index unwrap vander var vdot
    vsplit vstack where zeros zeros_like
    """.split()
)

#: NumPy's own objects, which CuPy exports unchanged.
BORROWED = frozenset(
    """
    bool_ byte cdouble complex128 complex64 complexfloating csingle double float16 float32 float64
    floating generic half inexact int16 int32 int64 int8 int_ intc integer intp longlong number
    short signedinteger single ubyte uint uint16 uint32 uint64 uint8 uintc uintp ulonglong
    unsignedinteger ushort
    dtype e euler_gamma finfo iinfo index_exp inf nan ndindex newaxis pi s_
    broadcast_shapes can_cast issubdtype iterable min_scalar_type mintypecode promote_types typename
    """.split()
)

#: Names NumPy has not, or whose CuPy object is not NumPy's.
CUPY_ONLY = frozenset(
    """
    ElementwiseKernel RawKernel ReductionKernel asnumpy broadcast c_ flatiter fuse get_array_module
    is_available mgrid ndarray ogrid r_ ufunc vectorize
    """.split()
)

LINALG = frozenset(
    """
    LinAlgError cholesky det eigh eigvalsh inv lstsq matrix_power matrix_rank norm pinv qr slogdet
    solve svd tensorinv tensorsolve
    """.split()
)

STRIDE_TRICKS = frozenset({"as_strided", "sliding_window_view"})

#: All that `cupy.random.Generator` draws: no normal, permutation, shuffle or choice.
GENERATOR = frozenset(
    """
    beta binomial chisquare dirichlet exponential f gamma geometric hypergeometric integers
    logseries poisson power random standard_exponential standard_gamma standard_normal uniform
    """.split()
)

#: The legacy functions of `cupy.random`, on one hidden global state.
RANDOM = frozenset(
    """
    beta binomial bytes chisquare choice dirichlet exponential f gamma geometric gumbel
    hypergeometric laplace logistic lognormal logseries multinomial multivariate_normal
    negative_binomial noncentral_chisquare noncentral_f normal pareto permutation poisson power
    rand randint randn random random_sample rayleigh seed shuffle standard_cauchy
    standard_exponential standard_gamma standard_normal standard_t triangular uniform vonmises wald
    weibull zipf
    """.split()
)

CUPYX = frozenset({"errstate", "rsqrt", "scatter_add", "scatter_max", "scatter_min"})

SPECIAL = frozenset(
    """
    digamma entr erf erfc erfcinv erfcx erfinv expit gammaln log_expit log_ndtr log_softmax logit
    logsumexp ndtr ndtri polygamma softmax xlog1py xlogy
    """.split()
)

CUDA = frozenset({"Device", "is_available", "runtime.getDeviceCount"})


def _dotted(prefix: str, names: frozenset[str]) -> frozenset[str]:
    """Each name behind `prefix` and a dot."""
    return frozenset(f"{prefix}.{name}" for name in names)


#: Every name above as the engine would write it after `cupy.`; cupyx's names keep their `cupyx.`.
CUPY_NAMES: frozenset[str] = (
    UFUNCS
    | FUNCTIONS
    | BORROWED
    | CUPY_ONLY
    | _dotted("linalg", LINALG)
    | _dotted("lib.stride_tricks", STRIDE_TRICKS)
    | _dotted("random", RANDOM | {"Generator", "default_rng"})
    | _dotted("cuda", CUDA)
    | _dotted("cupyx", CUPYX)
    | _dotted("cupyx.scipy.special", SPECIAL)
)

#: The parameters of CuPy's array methods after self; a starred one takes any number of arguments.
METHODS: dict[str, str] = {
    "all": "axis out keepdims",
    "any": "axis out keepdims",
    "argmax": "axis out dtype keepdims",
    "argmin": "axis out dtype keepdims",
    "argpartition": "kth axis",
    "argsort": "axis",
    "astype": "dtype order casting subok copy",
    "choose": "choices out mode",
    "clip": "min max out",
    "conj": "",
    "conjugate": "",
    "copy": "order",
    "cumprod": "axis dtype out",
    "cumsum": "axis dtype out",
    "diagonal": "offset axis1 axis2",
    "dot": "b out",
    "flatten": "order",
    "max": "axis out keepdims",
    "mean": "axis dtype out keepdims",
    "min": "axis out keepdims",
    "partition": "kth axis",
    "prod": "axis dtype out keepdims",
    "ravel": "order",
    "repeat": "repeats axis",
    "reshape": "*shape order",
    "round": "decimals out",
    "searchsorted": "v side sorter",
    "sort": "axis",
    "squeeze": "axis",
    "std": "axis dtype out ddof keepdims",
    "sum": "axis dtype out keepdims",
    "swapaxes": "axis1 axis2",
    "trace": "offset axis1 axis2 dtype out",
    "transpose": "*axes",
    "var": "axis dtype out ddof keepdims",
    "view": "dtype",
}

#: Keywords that no CuPy function takes (copyto alone has a `where`).
REFUSED_EVERYWHERE = frozenset({"where", "initial", "like", "device", "subok", "signature"})

#: Keywords of NumPy's function that CuPy's function of the same name lacks.
REFUSED: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "argpartition": "kind order",
        "argsort": "order stable",
        "asanyarray": "copy",
        "asarray": "copy",
        "clip": "min max",
        "count_nonzero": "keepdims",
        "indices": "sparse",
        "isin": "kind",
        "lexsort": "axis",
        "linalg.cholesky": "upper",
        "linalg.matrix_rank": "hermitian rtol",
        "linalg.pinv": "hermitian rtol",
        "linalg.svd": "hermitian",
        "nanstd": "mean correction",
        "nanvar": "mean correction",
        "partition": "kind order",
        "percentile": "weights",
        "quantile": "weights",
        "reshape": "copy shape",
        "sort": "order stable",
        "std": "mean correction",
        "take": "mode",
        "trim_zeros": "axis",
        "unique": "sorted",
        "unravel_index": "shape",
        "var": "mean correction",
    }.items()
}

#: Functions of sizes, which would have to read a device array.
HOST_ONLY = frozenset(
    """
    arange bartlett blackman diag_indices empty eye hamming hanning identity indices kaiser ones
    tri tril_indices triu_indices zeros
    """.split()
)

#: How many leading arguments are arrays, where it is not one.
ARRAY_ARGUMENTS: dict[str, int] = {
    **dict.fromkeys(
        """
        allclose append array_equal array_equiv convolve copyto correlate cross digitize dot inner
        intersect1d isclose isin kron outer searchsorted setdiff1d setxor1d take_along_axis
        tensordot union1d vdot linalg.lstsq linalg.solve linalg.tensorsolve
        """.split(),
        2,
    ),
    **dict.fromkeys("interp putmask where".split(), 3),
    **dict.fromkeys(
        """
        einsum full isscalar linspace logspace ndim result_type shape size unravel_index
        """.split(),
        0,
    ),
    **dict.fromkeys(HOST_ONLY, 0),
}

#: Functions that answer about arrays with an ordinary Python value, and never read the device.
HOST_ANSWERS = frozenset(
    """
    common_type iscomplexobj isfortran isrealobj isscalar may_share_memory ndim result_type shape
    shares_memory size
    """.split()
)

#: Functions whose result has a shape that depends on values: one flag copy each, counted as masks.
SHAPE_FROM_VALUES = frozenset(
    """
    argwhere bincount compress extract flatnonzero intersect1d nonzero place putmask setdiff1d
    setxor1d trim_zeros union1d unique
    """.split()
)

#: The element types `ufunc.at` takes; CuPy 13 adds with atomics, so signed 64-bit integers are out.
AT_DTYPES: dict[str, frozenset[str]] = {
    "add": frozenset("int32 float16 float32 float64 uint32 uint64".split()),
    "subtract": frozenset("int32 uint32".split()),
    "maximum": frozenset("int32 float32 float64 uint32 uint64".split()),
    "minimum": frozenset("int32 float32 float64 uint32 uint64".split()),
    "bitwise_and": frozenset("int32 int64 uint32 uint64".split()),
    "bitwise_or": frozenset("int32 int64 uint32 uint64".split()),
    "bitwise_xor": frozenset("int32 int64 uint32 uint64".split()),
}
