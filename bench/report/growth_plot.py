"""Curves of the time of an operation over the entries that are stored; both axes logarithmic."""

import math

from svg import Drawing

_WIDTH = 860
_HEIGHT = 520
_LEFT = 80
_RIGHT = 270
_TOP = 50
_BOTTOM = 60
_LINE = 16
# Told apart on white and on black, and by those who see few colours by their dashes.
_COLOURS = ("#1f77b4", "#d97706", "#2a9d5c", "#d1495b", "#8a63d2", "#0e9aa7", "#b0722d", "#6b8e23",
            "#c2569c", "#7f7f7f")
_DASHES = ("", "6 3", "2 3")


def _of_time(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:g} {unit}"
    return f"{nanoseconds:g} ns"


def _bounds(numbers):
    """The powers of ten around the numbers."""
    low = math.floor(math.log10(min(numbers)))
    high = math.ceil(math.log10(max(numbers)))
    return low, max(high, low + 1)


def _log_scale(bounds, begin, end):
    low, high = bounds
    return lambda value: begin + (math.log10(value) - low) / (high - low) * (end - begin)


def _axes(drawing, x, y, x_bounds, y_bounds):
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for power in range(x_bounds[0], x_bounds[1] + 1):
        drawing.line(x(10 ** power), _TOP, x(10 ** power), bottom, "grid")
        drawing.text(x(10 ** power), bottom + 18, f"{10 ** power:,}", "faint", "middle")
    for power in range(y_bounds[0], y_bounds[1] + 1):
        drawing.line(_LEFT, y(10 ** power), right, y(10 ** power), "grid")
        drawing.text(_LEFT - 8, y(10 ** power) + 4, _of_time(10 ** power), "faint", "end")
    drawing.line(_LEFT, bottom, right, bottom, "axis")
    drawing.line(_LEFT, _TOP, _LEFT, bottom, "axis")
    drawing.text((_LEFT + right) / 2, bottom + 42, "entries in the store", "text", "middle")
    drawing.text(20, (_TOP + bottom) / 2, "median time of an operation", "text", "middle",
                 turned=True)


def _label_heights(wanted, bottom):
    """Heights near to the wanted ones, in their order, apart by a line of text, none below."""
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    placed = {}
    last = -math.inf
    for index in order:
        last = placed[index] = max(wanted[index], last + _LINE)
    below = bottom
    for index in reversed(order):
        placed[index] = min(placed[index], below)
        below = placed[index] - _LINE
    return [placed[index] for index in range(len(wanted))]


def draw(title, operations):
    """The SVG text of {operation: [(entries, nanoseconds)]}."""
    points = [point for curve in operations.values() for point in curve]
    x_bounds = _bounds([entries for entries, _ in points])
    y_bounds = _bounds([nanoseconds for _, nanoseconds in points])
    x = _log_scale(x_bounds, _LEFT, _WIDTH - _RIGHT)
    y = _log_scale(y_bounds, _HEIGHT - _BOTTOM, _TOP)
    drawing = Drawing(_WIDTH, _HEIGHT, title)
    _axes(drawing, x, y, x_bounds, y_bounds)
    heights = _label_heights([y(curve[-1][1]) for curve in operations.values()],
                             _HEIGHT - _BOTTOM)
    for index, (operation, curve) in enumerate(operations.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        dashes = _DASHES[index // len(_COLOURS) % len(_DASHES)]
        drawing.path([(x(entries), y(time)) for entries, time in curve], colour, dashes)
        for entries, time in curve:
            drawing.dot(x(entries), y(time), colour)
        beside = _WIDTH - _RIGHT + 20
        drawing.line(x(curve[-1][0]) + 4, y(curve[-1][1]), beside - 2, heights[index], "grid")
        drawing.path([(beside, heights[index]), (beside + 20, heights[index])], colour, dashes)
        drawing.text(beside + 26, heights[index] + 4, operation.replace("_", " "))
    return str(drawing)
