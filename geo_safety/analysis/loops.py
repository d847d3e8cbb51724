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


@_compiled
def x_log(x, y):
    """x ln(x / y), 0 where x is 0."""
    return x * np.log(x / y) if x > 0.0 else 0.0


@_compiled
def likelihood_ratio(inside, expected, people, cases, all_people):
    """Log likelihood ratio of `inside` of `cases` in a zone where `expected` of them would be, 0 where they are no more than expected.

    Poisson, or Bernoulli with `people` in the zone among `all_people`, cases and controls, when those are above 0.
    """
    if inside <= expected or expected <= 0.0 or expected >= cases:
        return 0.0
    ratio = x_log(inside, expected) + x_log(cases - inside, cases - expected)
    if all_people > 0.0:
        ratio += x_log(people - inside, people - expected) + x_log(all_people - people - cases + inside, all_people - people - cases + expected)
    return ratio


@_compiled
def likelihood_ratios(inside, expected, people, cases, all_people):
    """`likelihood_ratio` of each zone."""
    ratios = np.empty(len(inside))
    for zone in range(len(inside)):
        ratios[zone] = likelihood_ratio(float(inside[zone]), expected[zone], people[zone], cases, all_people)
    return ratios


@_compiled
def least_counts(floor, expected, people, cases, all_people, least):
    """Fewest cases, `least` or more, by which each zone has a ratio above `floor`; more than there are where none does."""
    counts = np.empty(len(expected), np.int32)
    for zone in range(len(expected)):
        low, high = max(least, int(np.floor(expected[zone])) + 1), int(cases) + 1
        if all_people > 0.0 and people[zone] < cases:
            high = int(people[zone]) + 1    # no more cases than people
        low = min(low, high)
        while low < high:
            middle = (low + high) // 2
            if likelihood_ratio(float(middle), expected[zone], people[zone], cases, all_people) > floor:
                high = middle
            else:
                low = middle + 1
        counts[zone] = low if likelihood_ratio(float(low), expected[zone], people[zone], cases, all_people) > floor else int(cases) + 1
    return counts


@_compiled
def scan_zones(order, begin, step, need, expected, people, drawn, cases, all_people, best):
    """Raises `best` (data sets) to the largest ratio in any zone with at least `need` cases; `drawn`: cases (areas, data sets), int32.

    Around every `step`-th centre the areas `order[begin[centre]:begin[centre + 1]]` are added one by one, each time a zone.
    """
    inside = np.empty(drawn.shape[1], np.int32)
    for centre in range(0, len(begin) - 1, step):
        inside[:] = 0
        for zone in range(begin[centre], begin[centre + 1]):
            more, few = drawn[order[zone]], need[zone]
            most = np.int32(0)
            for at in range(len(inside)):
                inside[at] += more[at]
                most = max(most, inside[at])
            if most >= few:
                for at in range(len(inside)):
                    if inside[at] >= few:
                        best[at] = max(best[at], likelihood_ratio(float(inside[at]), expected[zone], people[zone], cases, all_people))
