// CPU time of a request, the app's and the database's.
function cost(rows, width) {
  const known = rows.filter((row) => row.cost.app !== null || row.cost.db !== null);
  if (!known.length) return [];
  const { y, step, left, dy, top, marks } = lying(known, width);
  const parts = known.flatMap((row) => [
    { id: row.id, part: "app", ms: row.cost.app ?? 0 },
    { id: row.id, part: "db", ms: row.cost.db ?? 0 },
  ]);
  return [frame({
    width,
    height: step * known.length + 56,
    marginLeft: left, marginTop: 8, marginBottom: 40, marginRight: 44,
    ariaLabel: "CPU time of a request: the app's and the database's, a bar for each row",
    x: { label: "ms of CPU per request →", grid: true, ticks: Math.max(3, Math.floor(width / 130)) },
    y,
    marks: [
      ...marks,
      Plot.barX(parts, { y: "id", x: "ms", fill: (part) => `var(--${part.part}-cost)`, insetTop: top, insetBottom: 2 }),
      Plot.text(known, {
        y: "id", dy, x: (row) => (row.cost.app ?? 0) + (row.cost.db ?? 0), textAnchor: "start", dx: 5,
        text: (row) => significant((row.cost.app ?? 0) + (row.cost.db ?? 0)), fill: "var(--muted)",
      }),
      Plot.tip(known, Plot.pointerY({
        y: "id", x: (row) => (row.cost.app ?? 0) + (row.cost.db ?? 0), ...TIP,
        title: (row) => `${place(row)} ${row.label}\napp ${significant(row.cost.app)} ms\ndatabase ${significant(row.cost.db)} ms`,
      })),
    ],
  })];
}
