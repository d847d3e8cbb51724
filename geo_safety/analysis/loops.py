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


@_compiled
def band_of(east, north, limits, manhattan):
    """Band of a pair that far apart, -1 for none; `limits` rise, and are squared unless distances are `manhattan`."""
    away = abs(east) + abs(north) if manhattan else east * east + north * north
    if away >= limits[-1] or away < limits[0]:
        return -1
    band = 0
    while away >= limits[band + 1]:
        band += 1
    return band


@_compiled
def count_pairs(x, y, here, above, limits, manhattan, counted):
    """Adds to `counted` (bands, points) the pairs of each point with those later in its runs `here` and `above` (points, 2)."""
    for i in range(len(x)):
        for runs in (here, above):
            for j in range(runs[i, 0], runs[i, 1]):
                band = band_of(x[j] - x[i], y[j] - y[i], limits, manhattan)
                if band >= 0:
                    counted[band, i] += 1


@_compiled
def list_pairs(x, y, here, above, limits, manhattan, begin, others):
    """Writes the other point of each pair that `count_pairs` counts into `others`, from `begin` (bands, points) on, which moves."""
    for i in range(len(x)):
        for runs in (here, above):
            for j in range(runs[i, 0], runs[i, 1]):
                band = band_of(x[j] - x[i], y[j] - y[i], limits, manhattan)
                if band >= 0:
                    others[begin[band, i]] = j
                    begin[band, i] += 1


@_compiled
def count_gaps(days, others, begin, limits, counted):
    """Adds to `counted` (bands, limits, orders) how many pairs of each band lie fewer days apart than each limit.

    `days` (points, orders), as float32: many orders of the same days at once, so that the innermost loop becomes vector
    instructions. The pairs of point i in a band are `others` from `begin[band, i]` to `begin[band, i + 1]`.
    """
    gap = np.empty(days.shape[1], np.float32)
    for band in range(len(begin)):
        for i in range(len(days)):
            for k in range(begin[band, i], begin[band, i + 1]):
                other = others[k]
                for order in range(len(gap)):
                    gap[order] = abs(days[i, order] - days[other, order])
                for at in range(len(limits)):
                    line, limit = counted[band, at], limits[at]
                    for order in range(len(gap)):
                        line[order] += np.int32(gap[order] < limit)
