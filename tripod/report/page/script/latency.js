// One line for each row and route: median, p90, p95, p99 and p99.9, side by side for the routes.
function latency(rows, width) {
  const routes = [...new Set(rows.flatMap((row) => Object.keys(row.routes)))].sort();
  const side = isNarrow(width) || routes.length === 1 ? width : Math.floor((width - 24) / Math.min(routes.length, 2));
  return routes.map((route) => titled(route, ladder(rows, route, side)));
}

// The value at a share of a row's route; null where too few requests tell it.
function quantile(row, route, share) {
  const values = row.routes[route];
  return values ? values[data.shares.indexOf(share)] : null;
}

function ladder(rows, route, width) {
  const steps = rows.map((row) => ({
    id: row.id, row,
    p50: quantile(row, route, 0.5), p90: quantile(row, route, 0.9), p95: quantile(row, route, 0.95),
    p99: quantile(row, route, 0.99), p999: quantile(row, route, 0.999),
  })).map((step) => ({ ...step, end: step.p99 ?? step.p95 ?? step.p90 ?? step.p50 }));
  const of = (step) => colour(step.row);
  const { y, step: height, left, dy, top, marks } = lying(rows, width);
  const known = (name) => steps.filter((step) => step[name] > 0);
  if (!known("p50").length) return lost({ lost: "Too few requests for a median." });
  return frame({
    width,
    height: height * rows.length + 56,
    marginLeft: left, marginTop: 8, marginBottom: 40, marginRight: 20,
    ariaLabel: `Latency of route ${route}: a line for each row, from the median to p99`,
    x: logAxis(steps.flatMap((step) => [step.p50, step.p999, step.end]).filter((ms) => ms > 0), "ms →"),
    y,
    marks: [
      ...marks,
      Plot.ruleY(known("p999"), { y: "id", dy, x1: "p50", x2: "p999", stroke: of, strokeOpacity: 0.45 }),
      Plot.ruleY(known("end"), { y: "id", dy, x1: "p50", x2: "end", stroke: of, strokeWidth: 3, strokeOpacity: 0.5 }),
      Plot.tickX(known("p90"), { y: "id", x: "p90", stroke: of, strokeWidth: 1.5, insetTop: top + 3, insetBottom: 5 }),
      Plot.tickX(known("p95"), { y: "id", x: "p95", stroke: of, strokeWidth: 1.5, insetTop: top + 1, insetBottom: 3 }),
      Plot.dot(known("p50"), { y: "id", dy, x: "p50", fill: of, r: 3.5 }),
      Plot.tip(known("p50"), Plot.pointerY({
        y: "id", x: "end", ...TIP,
        title: (step) => `${place(step.row)} ${step.row.label}\n` + ["p50", "p90", "p95", "p99", "p999"]
          .map((name) => `${name.replace("p999", "p99.9")} ${step[name] === null ? "not told" : `${significant(step[name])} ms`}`).join("\n"),
      })),
    ],
  });
}
