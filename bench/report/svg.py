"""A small writer of SVG, readable on a light and on a dark page."""

from xml.sax.saxutils import escape

_STYLE = """
  .page { fill: #ffffff } .text { fill: #24292f } .faint { fill: #57606a }
  .axis { stroke: #57606a } .grid { stroke: #d0d7de } .target { stroke: #24292f }
  .good { fill: #1f77b4 } .bad { fill: #d1495b } .spread { stroke: #24292f }
  .line { fill: none; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .faint { fill: #9198a1 }
    .axis { stroke: #9198a1 } .grid { stroke: #30363d } .target { stroke: #e6edf3 }
    .good { fill: #539bf5 } .bad { fill: #f47067 } .spread { stroke: #e6edf3 }
  }
  text { font: 12px sans-serif } .title { font-size: 15px; font-weight: bold }
"""


class Drawing:
    """Shapes in the order in which they are added; colours are classes of the style."""

    def __init__(self, width, height, title):
        self._width = width
        self._height = height
        self._title = title
        self._shapes = []

    def rectangle(self, x, y, width, height, kind):
        self._shapes.append(f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" '
                            f'width="{max(width, 0):.1f}" height="{height:.1f}"/>')

    def line(self, x1, y1, x2, y2, kind, dashes=""):
        dashes = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._shapes.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" '
                            f'x2="{x2:.1f}" y2="{y2:.1f}"{dashes}/>')

    def path(self, points, colour, dashes=""):
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._shapes.append(f'<polyline class="line" stroke="{colour}" points="{joined}"{dashes}/>')

    def dot(self, x, y, colour):
        self._shapes.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')

    def text(self, x, y, words, kind="text", anchor="start", turned=False):
        turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
        self._shapes.append(f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" '
                            f'text-anchor="{anchor}"{turn}>{escape(words)}</text>')

    def __str__(self):
        shapes = "\n".join(self._shapes)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
                f'viewBox="0 0 {self._width} {self._height}" '
                f'width="{self._width}" height="{self._height}">\n'
                f"<title>{escape(self._title)}</title>\n<style>{_STYLE}</style>\n"
                f'<rect class="page" width="{self._width}" height="{self._height}"/>\n'
                f'<text class="text title" x="16" y="26">{escape(self._title)}</text>\n'
                f"{shapes}\n</svg>\n")
