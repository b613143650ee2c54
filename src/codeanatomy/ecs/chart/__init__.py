"""Charts: lines, points and bars as values, drawn as SVG, as text for a terminal, or as PNG."""
