// How busy every station of every row was, and which one limited it.
const STATIONS = ["busiest core", "busiest app process", "app slots", "database", "k6"];
const SHORT = { "busiest core": "core", "busiest app process": "process", "app slots": "slots", database: "DB", k6: "k6" };

function limits(rows, width) {
  const cells = rows.flatMap((row) => row.stations.map((station) => ({ ...station, id: row.id, row })));
  if (!cells.length) return [];
  const stations = STATIONS.filter((name) => cells.some((cell) => cell.name === name));
  const { y, step, left, dy, top, marks } = lying(rows, width);
  return [frame({
    width,
    height: step * rows.length + 28,
    marginLeft: left,
    marginTop: 24, marginBottom: 4, marginRight: isNarrow(width) ? 78 : 116,
    ariaLabel: "What limited each row: the use of each station, a line for each row",
    x: { domain: stations, axis: "top", tickFormat: (name) => SHORT[name], label: null, tickSize: 0, padding: 0.06 },
    y: { ...y, padding: 0 },
    marks: [
      ...marks,
      Plot.cell(cells, { x: "name", y: "id", fill: "var(--heat)", fillOpacity: (cell) => 0.06 + 0.84 * Math.min(cell.share, 1) ** 2, rx: 2, insetTop: top - 1, insetBottom: 1 }),
      Plot.text(cells, {
        x: "name", y: "id", dy, text: (cell) => `${cell.most ? "≤ " : ""}${percent(cell.share)}`,
        fill: (cell) => (cell.share > 0.9 ? "var(--on-heat)" : "var(--text)"), fontSize: 10,
      }),
      Plot.text(rows, {
        y: "id", dy, frameAnchor: "right", dx: 8, textAnchor: "start", text: (row) => row.limit || "-", fill: "var(--text)",
      }),
      Plot.tip(cells, Plot.pointer({
        x: "name", y: "id", ...TIP,
        title: (cell) => `${cell.row.label}\n${cell.name}: ${cell.most ? "at most " : ""}${percent(cell.share)} used\nlimited by: ${cell.row.limit}`,
      })),
    ],
  })];
}
