// Rate against p95, a mark for each row.
function throughput(rows, width) {
  const known = rows.filter((row) => row.rps !== null && row.p95 > 0);
  if (!known.length) return [];
  return [throughputOf(known, width, apart(known, throughputOf(known, width, [])))];
}

// The rows whose place can be written beside their mark without touching another's, the best first.
function apart(rows, drawing) {
  const [x, y] = ["x", "y"].map((name) => drawing.scale(name).apply);
  const kept = [];
  for (const row of rows.filter((row) => row.state === "placed")) {
    const [left, top] = [x(row.rps), y(row.p95)];
    if (kept.every((other) => Math.abs(other.left - left) > 26 || Math.abs(other.top - top) > 12)) kept.push({ row, left, top });
  }
  return kept.map((found) => found.row);
}

function throughputOf(known, width, named) {
  // as the bars of the order: an interval may be far longer than all rates
  const most = 4 / 3 * Math.max(...known.map((row) => row.rps));
  const reach = Math.min(Math.max(...known.map((row) => row.interval?.[1] ?? row.rps)), most) || 1;
  const of = (state) => known.filter((row) => row.state === state);
  const at = { x: "rps", y: "p95" };
  return frame({
    width,
    height: Math.min(560, Math.max(320, 0.9 * width)),
    marginLeft: 48, marginBottom: 42,
    ariaLabel: "Throughput against latency: rate to the right, p95 upwards",
    x: { label: "rate, requests/s →", grid: true, domain: [0, 1.04 * reach], ticks: Math.floor(width / 90) },
    y: logAxis(known.map((row) => row.p95), "↑ p95, ms"),
    marks: [
      Plot.ruleY(known.filter((row) => row.interval), {
        y: "p95", x1: (row) => row.interval[0], x2: (row) => row.interval[1], stroke: colour, strokeOpacity: 0.6, clip: true,
      }),
      Plot.dot(of("void"), { ...at, symbol: "times", stroke: "var(--void)", r: 4 }),
      Plot.dot(of("bound"), { ...at, symbol: "triangle", rotate: 90, fill: colour, fillOpacity: 0.35, stroke: colour, r: 4.5 }),
      Plot.dot(of("placed"), { ...at, fill: colour, r: 4.5 }),
      Plot.text(named, { ...at, text: "place", dx: 7, textAnchor: "start", fill: "var(--muted)", fontSize: 10 }),
      Plot.tip(known, Plot.pointer({
        ...at, ...TIP,
        title: (row) => `${place(row)} ${row.label}\n${rateOf(row)}\np95 ${significant(row.p95)} ms\nlimited by: ${row.limit}`,
      })),
    ],
  });
}
