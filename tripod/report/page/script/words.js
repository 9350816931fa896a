// How figures are written: as the tables beside them have them.
function significant(value) {
  if (value === null || value === undefined) return "-";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return value.toFixed(size < 0.9995 ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

const percent = (share) => `${Math.round(100 * share)}%`;
const milliseconds = (value) => (value >= 1000 ? `${value / 1000} s` : `${value} ms`);
const STATES = { placed: "", bound: "at least", void: "void: not to be believed", failed: "failed" };

function place(row) {
  return row.place || STATES[row.state];
}

function rateOf(row) {
  if (row.rps === null) return "not measured";
  const interval = row.interval ? ` (95 %: ${row.interval.map((end) => end.toFixed(1)).join(" to ")})` : "";
  return `${row.state === "bound" ? "≥ " : ""}${row.rps.toFixed(1)} requests/s${interval}`;
}
