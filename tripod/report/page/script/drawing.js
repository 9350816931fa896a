// Draws every figure at once, those of a row when it is opened, and all anew for another width. At once, since
// whoever makes a picture or a PDF of the page without looking at it takes it as soon as it is loaded.
const OF_GROUP = { throughput, latency, cost, limits };

function widthOf(box) {
  return Math.max(Math.floor(box.clientWidth), 260);
}

const boxOf = (figure) => figure.querySelector(":scope > .drawings");

function drawFigure(figure, width = widthOf(boxOf(figure))) {
  boxOf(figure).replaceChildren(...OF_GROUP[figure.dataset.figure](rowsOf(figure.dataset.group), width));
}

function drawRow(details) {
  const row = rowById.get(details.id);
  for (const box of details.querySelectorAll("[data-row-figure]")) {
    const draw = { spectrum: spectrumOfRow, activity }[box.dataset.rowFigure];
    box.replaceChildren(...draw(row, widthOf(box)));
  }
}

function drawTwo(part, width = widthOf(boxOf(part))) {
  const [one, two] = ["one", "two"].map((name) => rowById.get(part.querySelector(`[name=${name}]`).value));
  boxOf(part).replaceChildren(...(one && two ? spectrumOfTwo(one, two, width) : []));
}

// The two rows to begin with: the first one, and the last that may be believed.
function offerTwo(part) {
  const rows = rowsOf(part.dataset.group).filter((row) => Object.keys(row.routes).length);
  const believed = rows.filter((row) => row.state === "placed" || row.state === "bound");
  const chosen = believed.length > 1 ? [believed[0], believed.at(-1)] : rows.slice(0, 2);
  part.querySelectorAll("select").forEach((select, at) => {
    select.append(...rows.map((row) => new Option(`${place(row)} ${row.label}`, row.id)));
    if (chosen[at]) select.value = chosen[at].id;
    select.addEventListener("change", () => drawTwo(part));
  });
  part.querySelector(".choose").hidden = rows.length < 2;
}

const figures = [...document.querySelectorAll("figure[data-figure]")];
const twos = [...document.querySelectorAll("[data-figure=spectrum]")];
const rowDetails = [...document.querySelectorAll("details.row")];

// All widths are read before anything is drawn: else the page would be laid out anew for each drawing.
function drawAll() {
  const work = [
    ...figures.map((figure) => [drawFigure, figure, widthOf(boxOf(figure))]),
    ...twos.map((part) => [drawTwo, part, widthOf(boxOf(part))]),
  ];
  for (const [draw, part, width] of work) draw(part, width);
  rowDetails.filter((details) => details.open).forEach(drawRow);
  document.documentElement.dataset.drawn = "true";
}

twos.forEach(offerTwo);
drawAll();

for (const details of rowDetails) {
  details.addEventListener("toggle", () => { if (details.open) drawRow(details); });
  const samples = details.querySelector(".samples");
  samples?.addEventListener("toggle", () => {
    const box = samples.querySelector(".scroll");
    if (samples.open && !box.firstChild) box.append(samplesTable(rowById.get(details.id)));
  });
}

let drawnAt = document.documentElement.clientWidth;
let waiting = 0;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    if (document.documentElement.clientWidth === drawnAt) return;
    drawnAt = document.documentElement.clientWidth;
    drawAll();
  }, 150);
});
