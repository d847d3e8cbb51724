"""The loops that numpy cannot do fast, compiled with numba. Imported only when one is needed: numba costs a second."""
from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np

QUARTIC, TRIWEIGHT, EPANECHNIKOV, UNIFORM, TRIANGULAR, GAUSSIAN = range(6)


def _compiled(function: Callable) -> Callable:
    """`function` compiled; what was compiled is kept between runs where there is a place to write it."""
    try:
        return numba.njit(cache=True)(function)
    except RuntimeError:  # installed read-only, for a user without a home
        return numba.njit(function)


@_compiled
def scatter(x, y, weight, reach, scale, shape, x0, y0, step_x, step_y, sheared, surface):
    """Adds to each cell centre within `reach` of a point the weight of the point times the kernel of `shape`, at most 1.

    `scale` is the radius of the kernel, or the standard deviation of the Gaussian one; all in metres. `surface` (rows, columns) is
    changed in place; when `sheared`, each of its rows lies half a cell further east than the one below.
    """
    rows, columns = surface.shape
    inverse = 1.0 / (scale * scale)
    most = int(2 * reach / step_x) + 3
    across = np.empty(most)  # squared distances east in radii, the same for every other row
    for i in range(len(x)):
        w = weight[i]
        low = max(0, int(np.ceil((y[i] - reach - y0) / step_y)))
        high = min(rows - 1, int(np.floor((y[i] + reach - y0) / step_y)))
        start = int(np.floor((x[i] - reach - x0) / step_x))
        for odd in range(2):
            for k in range(most):
                east = x0 + (start + k + 0.5 * odd * sheared) * step_x - x[i]
                across[k] = east * east * inverse
            for row in range(low + (low + odd) % 2, high + 1, 2):
                north = y0 + row * step_y - y[i]
                up = north * north * inverse
                first = start - (row // 2 if sheared else 0)
                skip, begin = max(0, -first), max(0, first)
                number = min(most, columns - first) - skip
                line = surface[row]
                # the shape is asked for outside the innermost loops, so that each of them becomes vector instructions
                if shape == QUARTIC:
                    for k in range(number):
                        left = max(1.0 - up - across[skip + k], 0.0)
                        line[begin + k] += w * left * left
                elif shape == TRIWEIGHT:
                    for k in range(number):
                        left = max(1.0 - up - across[skip + k], 0.0)
                        line[begin + k] += w * left * left * left
                elif shape == EPANECHNIKOV:
                    for k in range(number):
                        line[begin + k] += w * max(1.0 - up - across[skip + k], 0.0)
                elif shape == UNIFORM:
                    for k in range(number):
                        line[begin + k] += w if up + across[skip + k] <= 1.0 else 0.0
                elif shape == TRIANGULAR:
                    for k in range(number):
                        line[begin + k] += w * max(1.0 - np.sqrt(up + across[skip + k]), 0.0)
                else:
                    for k in range(number):
                        line[begin + k] += w * np.exp(-0.5 * (up + across[skip + k]))
