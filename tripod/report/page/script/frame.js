// What all drawings have in common.
const FONT_PX = 11;
const SYNC_ASYNC = { sync: "var(--sync)", async: "var(--async)" };
const isNarrow = (width) => width < 460;

// The colour of a row: by its mode, and grey where it is not to be believed.
function colour(row) {
  return row.state === "void" || row.state === "failed" ? "var(--void)" : SYNC_ASYNC[row.mode];
}

// A drawing: for those who do not see it one image with a name, beside which its table stands.
function frame(options) {
  const drawing = Plot.plot({
    className: "drawing",
    style: { fontFamily: "inherit", fontSize: `${FONT_PX}px`, overflow: "visible" },
    ...options,
  });
  drawing.setAttribute("role", "img");
  for (const part of drawing.querySelectorAll("[aria-label]")) {
    part.dataset.mark = part.getAttribute("aria-label");
    part.removeAttribute("aria-label");
  }
  return drawing;
}

// How wide a text of a drawing is.
const ruler = document.createElement("canvas").getContext("2d");
ruler.font = `${FONT_PX}px ${getComputedStyle(document.body).fontFamily}`;
const widthOfText = (text) => ruler.measureText(text).width;

// A margin that the labels of these rows fit into, as far as it leaves room to draw.
function labelMargin(rows, width) {
  const longest = Math.max(0, ...rows.map((row) => widthOfText(row.label)));
  return Math.min(Math.ceil(longest) + 8, 0.5 * width);
}

// Ticks of a logarithmic axis over these values: 1, 2 and 5, or the powers of ten alone where those are many.
function logTicks(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const powers = d3.range(Math.floor(Math.log10(least)), Math.ceil(Math.log10(most)) + 1).map((power) => 10 ** power);
  const steps = powers.length > 4 ? [1] : powers.length > 2 ? [1, 3] : [1, 2, 5];
  return powers.flatMap((power) => steps.map((step) => step * power)).filter((tick) => tick >= least && tick <= most);
}

// A logarithmic axis over these values, a little wider than they are.
function logAxis(values, label) {
  const [least, most] = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  return { type: "log", domain: [least, most], ticks: logTicks([least, most]), tickFormat: plainNumber, grid: true, label };
}

const plainNumber = (value) => Number(value).toLocaleString("en", { maximumFractionDigits: 3 });

// How the rows lie under one another: their labels at the left, or above each where that leaves no room.
// `y` is the axis, of ids since two rows may have the same label; marks move down by `dy`, bars begin at `top`.
function lying(rows, width) {
  const named = new Map(rows.map((row) => [row.id, row.label]));
  const y = { domain: rows.map((row) => row.id), tickFormat: (id) => named.get(id), label: null, tickSize: 0 };
  if (!isNarrow(width)) return { y, step: 17, left: labelMargin(rows, width), dy: 0, top: 2, marks: [] };
  const above = Plot.text(rows, {
    y: "id", frameAnchor: "left", textAnchor: "start", dy: -10, text: "label", fill: "var(--text)", fontSize: 10.5,
  });
  return { y: { ...y, axis: null }, step: 36, left: 4, dy: 8, top: 17, marks: [above] };
}

const TIP = { fill: "var(--surface)", stroke: "var(--line-strong)", fontSize: 12, textPadding: 9, pathFilter: null };

function heading(text) {
  const title = document.createElement("h5");
  title.textContent = text;
  return title;
}

// A drawing with its heading, as one thing in the grid of drawings.
function titled(text, drawing) {
  const box = document.createElement("div");
  box.append(heading(text), drawing);
  return box;
}
