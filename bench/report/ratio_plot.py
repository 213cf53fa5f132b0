"""Bars of the ratios that have a target, with the target marked on each."""

import math

from svg import Drawing

_WIDTH = 980
_LABELS = 470
_RIGHT = 60
_TOP = 64
_BAR = 14
_ROW = 20
_GAP = 26


def _step(most):
    """A round step that divides 0..most in about eight."""
    rough = most / 8
    power = 10 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def _axis(drawing, scale, most, bottom, title):
    step = _step(most)
    for index in range(int(most / step) + 1):
        x = scale(index * step)
        drawing.line(x, _TOP - 8, x, bottom, "grid")
        drawing.text(x, bottom + 16, f"{index * step:g}", "faint", "middle")
    drawing.line(_LABELS, bottom, _WIDTH - _RIGHT, bottom, "axis")
    drawing.text((_LABELS + _WIDTH - _RIGHT) / 2, bottom + 36, title, "text", "middle")


def _bar(drawing, scale, y, outcome, comparison):
    figure = comparison.figure
    target = outcome.target
    limit = target.at_least if target.at_most is None else target.at_most
    kind = "good" if target.reached_by(figure.median) else "bad"
    drawing.text(_LABELS - 8, y + _BAR - 3, comparison.contest, "faint", "end")
    drawing.rectangle(_LABELS, y, scale(figure.median) - _LABELS, _BAR, kind)
    drawing.line(scale(figure.least), y + _BAR / 2, scale(figure.most), y + _BAR / 2, "spread")
    drawing.line(scale(limit), y - 3, scale(limit), y + _BAR + 3, "target", "3 2")
    after = max(scale(figure.most), scale(limit), scale(figure.median)) + 6
    drawing.text(after, y + _BAR - 3, f"{figure.median:.2f}")


def draw(title, axis, outcomes):
    """The SVG text of the outcomes that were measured; None where none was."""
    outcomes = [outcome for outcome in outcomes if outcome.measured]
    if not outcomes:
        return None
    most = 1.0
    rows = 0
    for outcome in outcomes:
        limit = outcome.target.at_least or outcome.target.at_most
        rows += len(outcome.measured)
        most = max([most, limit] + [c.figure.median for c in outcome.measured])
    most *= 1.15

    def scale(value):
        return _LABELS + min(value, most) / most * (_WIDTH - _LABELS - _RIGHT)

    bottom = _TOP + rows * _ROW + len(outcomes) * _GAP
    drawing = Drawing(_WIDTH, bottom + 52, title)
    drawing.text(16, 46, "bar: median; line: least to most of the repetitions; dashes: the target",
                 "faint")
    _axis(drawing, scale, most, bottom, axis)
    y = _TOP
    for outcome in outcomes:
        drawing.text(16, y + 12, outcome.target.row)
        y += _GAP - 6
        for comparison in outcome.measured:
            _bar(drawing, scale, y, outcome, comparison)
            y += _ROW
        y += 6
    return str(drawing)
