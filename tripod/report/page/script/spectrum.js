// Percentile spectra: which share of requests took longer than so much, tails spread out.
const TAILS = [0.5, 0.1, 0.01, 0.001, 0.0001];
const tailName = (tail) => `${+(100 * (1 - tail)).toFixed(2)} %`;

// Where a tail stands: each further nine of its share is as far as the one before.
const nines = (tail) => -Math.log10(tail);

function pointsOf(row, route) {
  return (row.routes[route] || [])
    .map((ms, at) => ({ tail: 1 - data.shares[at], nines: nines(1 - data.shares[at]), ms }))
    .filter((point) => point.ms !== null && point.ms > 0);
}

// Lines: [{name, points, stroke, dash}].
function spectrumOf(lines, width, label) {
  const shown = lines.filter((line) => line.points.length);
  if (!shown.length) return null;
  const least = Math.min(...shown.map((line) => Math.min(...line.points.map((point) => point.tail))));
  const all = shown.flatMap((line) => line.points.map((point) => ({ ...point, name: line.name, stroke: line.stroke })));
  return frame({
    width,
    height: 260,
    marginLeft: 48, marginRight: 24, marginBottom: 40,
    ariaLabel: `Percentile spectrum: ${label}`,
    x: {
      domain: [0, nines(least) + 0.03], label: "requests that took no longer →", grid: true,
      ticks: TAILS.filter((tail) => tail >= least * 0.95).map(nines), tickFormat: (at) => tailName(10 ** -at),
    },
    y: logAxis(all.map((point) => point.ms), "↑ ms"),
    marks: [
      ...shown.map((line) => Plot.line(line.points, {
        x: "nines", y: "ms", stroke: line.stroke, strokeWidth: 2, strokeDasharray: line.dash, curve: "monotone-x",
      })),
      Plot.ruleX(all, Plot.pointerX({ x: "nines", stroke: "var(--line-strong)" })),
      Plot.tip(all, Plot.pointer({
        x: "nines", y: "ms", ...TIP,
        title: (point) => `${point.name}\n${tailName(point.tail)} within ${significant(point.ms)} ms`,
      })),
    ],
  });
}

// Of one row: a line for each route.
function spectrumOfRow(row, width) {
  const strokes = ["var(--one)", "var(--two)", "var(--three)", "var(--four)"];
  const lines = Object.keys(row.routes).map((route, at) => ({
    name: route, points: pointsOf(row, route), stroke: strokes[at % strokes.length],
  }));
  const drawing = spectrumOf(lines, width, `${row.label}, a line for each route`);
  return drawing ? [keyOf(lines), drawing] : [];
}

// Of two rows of a group: a drawing for each route.
function spectrumOfTwo(one, two, width) {
  const routes = [...new Set([one, two].flatMap((row) => Object.keys(row.routes)))].sort();
  const side = isNarrow(width) || routes.length === 1 ? width : Math.floor((width - 24) / Math.min(routes.length, 2));
  return routes.map((route) => {
    const lines = [
      { name: one.label, points: pointsOf(one, route), stroke: "var(--one)" },
      { name: two.label, points: pointsOf(two, route), stroke: "var(--two)", dash: "6 3" },
    ];
    const drawing = spectrumOf(lines, side, `${one.label} and ${two.label}, route ${route}`);
    return drawing && titled(route, drawing);
  }).filter(Boolean);
}

function keyOf(lines) {
  const list = document.createElement("ul");
  list.className = "legend";
  lines.forEach((line, at) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = `swatch ${["one", "two", "three", "four"][at % 4]}`;
    item.append(swatch, line.name);
    list.append(item);
  });
  return list;
}
