"""The machine operations that Python has no name for. Each gives the same bits on every processor.

fma(a, b, c)    a·b + c with one rounding (IEEE 754 fusedMultiplyAdd): one instruction where the processor has it, the C
                library's exact `fma` where it has not.
bits(x)         the 64 bits of a float64 as an int64.
from_bits(n)    the float64 with the 64 bits of an int64.
two_to(t)       2^k, where t = k + `SHIFT` + 1023 was formed in floating point: the sum leaves k + 1023 in the low
                bits of t, which a shift by 52 makes an exponent. Exact for -1022 <= k <= 1023.
unowned(array)  the same array, not followed by any counter of references: who calls must keep it alive. Numba counts
                atomically at each slice; that took a fortieth of a run.

Under NUMBA_DISABLE_JIT=1 the same operations are done by exact Python arithmetic: slow, and equal to the bit.
"""

import math
import struct
from fractions import Fraction

from llvmlite import ir
from numba.core import cgutils, config, types
from numba.extending import intrinsic

SHIFT = 6755399441055744.0
"""1.5·2^52: adding it rounds a float64 of magnitude below 2^51 to an integer (ties to even), held in the low bits."""
_I64 = ir.IntType(64)
_F64 = ir.DoubleType()


def python_fma(a, b, c):
    """a·b + c with one rounding, in plain Python.

    Parameters
    ----------
    a, b, c : float

    Returns
    -------
    float
        The exact value, rounded once to the nearest float64.
    """
    a, b, c = float(a), float(b), float(c)  # NumPy's scalars warn where IEEE 754 is silent
    product = a * b
    if not (math.isfinite(a) and math.isfinite(b)) or a == 0.0 or b == 0.0:
        return product + c
    if not math.isfinite(c):
        return c
    if 1e-200 < abs(product) < 1e200 and abs(a) < 1e200 and abs(b) < 1e200 and abs(c) < 1e200:
        return _sum_exactly(a, b, product, c)
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    try:
        return float(exact) if exact else product + c
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _sum_exactly(a, b, product, c):
    """Dekker's error of the product, then a sum rounded once (math.fsum)."""
    a_high, b_high = 134217729.0 * a, 134217729.0 * b
    a_high, b_high = a_high - (a_high - a), b_high - (b_high - b)
    a_low, b_low = a - a_high, b - b_high
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    total = math.fsum((product, error, c))
    return total if total else product + c


def python_bits(x):
    """The bits of a float64, in plain Python."""
    return struct.unpack("<q", struct.pack("<d", x))[0]


def python_from_bits(n):
    """The float64 of 64 bits, in plain Python."""
    return struct.unpack("<d", struct.pack("<Q", n & 0xFFFFFFFFFFFFFFFF))[0]


def python_two_to(t):
    """The power of two of a shifted integer, in plain Python."""
    return python_from_bits(python_bits(t) << 52)


def _native_fma(typingctx, a, b, c):
    def generate(context, builder, signature, args):
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


def _native_bits(typingctx, x):
    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], _I64)

    return types.int64(types.float64), generate


def _native_from_bits(typingctx, n):
    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], _F64)

    return types.float64(types.int64), generate


def _native_two_to(typingctx, t):
    def generate(context, builder, signature, args):
        exponent = builder.shl(builder.bitcast(args[0], _I64), ir.Constant(_I64, 52))
        return builder.bitcast(exponent, _F64)

    return types.float64(types.float64), generate


def _native_unowned(typingctx, array):
    def generate(context, builder, signature, args):
        view = context.make_array(signature.args[0])(context, builder, args[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), generate


def python_unowned(array):
    """The array itself, in plain Python."""
    return array


if config.DISABLE_JIT:
    fma, bits, from_bits, two_to = python_fma, python_bits, python_from_bits, python_two_to
    unowned = python_unowned
else:
    unowned = intrinsic(_native_unowned)
    fma, bits = intrinsic(_native_fma), intrinsic(_native_bits)
    from_bits, two_to = intrinsic(_native_from_bits), intrinsic(_native_two_to)
