// Draws every figure when there is time, those of a row when it is opened, and all anew for another width.
const OF_GROUP = { throughput, latency, cost, limits };

function widthOf(box) {
  return Math.max(Math.floor(box.clientWidth), 260);
}

function drawFigure(figure) {
  const box = figure.querySelector(":scope > .drawings");
  box.replaceChildren(...OF_GROUP[figure.dataset.figure](rowsOf(figure.dataset.group), widthOf(box)));
}

function drawRow(details) {
  const row = rowById.get(details.id);
  for (const box of details.querySelectorAll("[data-row-figure]")) {
    const draw = { spectrum: spectrumOfRow, activity }[box.dataset.rowFigure];
    box.replaceChildren(...draw(row, widthOf(box)));
  }
}

function drawTwo(part) {
  const [one, two] = ["one", "two"].map((name) => rowById.get(part.querySelector(`[name=${name}]`).value));
  const box = part.querySelector(".drawings");
  box.replaceChildren(...(one && two ? spectrumOfTwo(one, two, widthOf(box)) : []));
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
const whenIdle = window.requestIdleCallback || ((work) => setTimeout(work, 0));

function drawAll() {
  return [
    ...figures.map((figure) => () => drawFigure(figure)),
    ...twos.map((part) => () => drawTwo(part)),
    ...rowDetails.filter((details) => details.open).map((details) => () => drawRow(details)),
  ];
}

let queue = [];
function workOff() {
  const work = queue.shift();
  if (!work) {
    document.documentElement.dataset.drawn = "true";
    return;
  }
  work();
  whenIdle(workOff);
}

function begin() {
  const resting = queue.length === 0;
  delete document.documentElement.dataset.drawn;
  queue = drawAll();
  if (resting) whenIdle(workOff);
}

twos.forEach(offerTwo);
begin();

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
    begin();
  }, 150);
});
// Whoever prints at once has every figure, too.
window.addEventListener("beforeprint", () => { queue.splice(0).forEach((work) => work()); });
