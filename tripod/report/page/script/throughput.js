// Rate against p95, a mark for each row.
function throughput(rows, width) {
  const known = rows.filter((row) => row.rps !== null && row.p95 > 0);
  if (!known.length) return [];
  return [throughputOf(known, width, named(known, throughputOf(known, width, [])))];
}

const NAME_PX = 10;
const POLES = [12, 25, 38, 51, 64].flatMap((length) => [-length, length]); // up and down from a mark

// The rows whose names have room, touching no other name, pole or mark, and where each stands; the best first.
// These lie rightmost: names to the right of their poles rise leftwards, so that no pole has to cross a name.
function named(rows, drawing) {
  const [x, y] = ["x", "y"].map((name) => drawing.scale(name));
  const spots = rows.map((row) => ({ row, left: x.apply(row.rps), top: y.apply(row.p95) }));
  const marks = spots.map((spot) => around(spot.left, spot.top, 5, 5));
  const taken = [];
  const shown = [];
  spots.forEach(({ row, left, top }, at) => {
    const wide = widthOfText(row.label) * NAME_PX / FONT_PX + 4;
    const others = [...taken, ...marks.filter((_, other) => other !== at)];
    // names to the left, which only the right edge asks for, stand high where they would be in others' way
    const near = around(left - wide / 2, top, wide / 2, 64);
    const crowded = marks.some((mark, other) => other !== at && touches(near, mark));
    const places = [...POLES.map((rise) => ({ side: 1, rise })), ...(crowded ? POLES.toReversed() : POLES).map((rise) => ({ side: -1, rise }))];
    for (const { side, rise } of places) {
      const boxes = [around(left + side * wide / 2, top + rise, wide / 2, 6), around(left, top + rise / 2, 1.5, Math.abs(rise) / 2)];
      if (within(boxes[0], x.range, y.range) && !others.some((other) => boxes.some((box) => touches(box, other)))) {
        taken.push(...boxes);
        shown.push({ ...row, side, nameAt: y.invert(top + rise) });
        return;
      }
    }
  });
  return shown;
}

const around = (x, y, half, high) => ({ left: x - half, right: x + half, top: y - high, bottom: y + high });
const touches = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

function within(box, [left, right], [bottom, top]) {
  return box.left >= left && box.right <= right && box.top >= top && box.bottom <= bottom;
}

function throughputOf(known, width, names) {
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
      Plot.ruleX(names, { x: "rps", y1: "p95", y2: "nameAt", stroke: "var(--line-strong)" }),
      Plot.dot(of("void"), { ...at, symbol: "times", stroke: "var(--void)", r: 4 }),
      Plot.dot(of("bound"), { ...at, symbol: "triangle", rotate: 90, fill: colour, fillOpacity: 0.35, stroke: colour, r: 4.5 }),
      Plot.dot(of("placed"), { ...at, fill: colour, r: 4.5 }),
      ...[1, -1].map((side) => Plot.text(names.filter((row) => row.side === side), {
        x: "rps", y: "nameAt", text: "label", dx: 3 * side, textAnchor: side > 0 ? "start" : "end",
        fill: "var(--text)", stroke: "var(--surface)", strokeWidth: 3, fontSize: NAME_PX,
      })),
      Plot.tip(known, Plot.pointer({
        ...at, ...TIP,
        title: (row) => `${place(row)} ${row.label}\n${rateOf(row)}\np95 ${significant(row.p95)} ms\nlimited by: ${row.limit}`,
      })),
    ],
  });
}
