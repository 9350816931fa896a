// How busy each host was over a trial: all its cores, and its leg's service.
function activity(row, width) {
  const hosts = row.activity.hosts;
  const side = isNarrow(width) ? width : Math.floor((width - 24 * (hosts.length - 1)) / Math.min(hosts.length, 3));
  return hosts.map((host) => titled(`${host.legs.join(", ")}: ${host.host}`, host.busy ? withKey(host, row.activity.seconds, side) : lost(host)));
}

// The drawing with what each of its lines is; the load's service is k6.
function withKey(host, seconds, width) {
  const box = document.createElement("div");
  box.append(keyOf(Object.keys(host.services).map((leg) => ({ name: leg === "load" ? "k6" : leg }))), course(host, seconds, width));
  return box;
}

function lost(host) {
  const text = document.createElement("p");
  text.textContent = host.lost || "nobody counted its cores";
  return text;
}

const points = (found) => found.t.map((t, at) => ({ t, share: found.share[at] }));

function course(host, seconds, width) {
  return frame({
    width,
    height: 150,
    marginLeft: 38, marginBottom: 34, marginTop: 12,
    ariaLabel: `How busy ${host.host} was over the trial`,
    x: { label: "s →", grid: false },
    y: { domain: [0, 1], ticks: 3, tickFormat: percent, label: null, grid: true },
    marks: [
      Plot.rect([0], { x1: 0, x2: seconds, y1: 0, y2: 1, fill: "var(--window)" }),
      Plot.areaY(points(host.busy), { x: "t", y: "share", fill: "var(--busy)", fillOpacity: 0.45, curve: "step-before" }),
      ...Object.values(host.services).map((found, at) => Plot.lineY(points(found), {
        x: "t", y: "share", stroke: ["var(--one)", "var(--two)", "var(--three)"][at % 3], strokeWidth: 1.5,
      })),
      Plot.tip(points(host.busy), Plot.pointerX({
        x: "t", y: "share", ...TIP, title: (point) => `${point.t.toFixed(1)} s\n${percent(point.share)} of all cores busy`,
      })),
    ],
  });
}

// The table of the same samples, made when somebody opens it.
function samplesTable(row) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const title of ["Host", "what", "s", "of all cores"]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const host of row.activity.hosts) {
    const courses = [["all cores", host.busy], ...Object.entries(host.services || {})];
    for (const [what, found] of courses.filter(([, found]) => found)) {
      for (const point of points(found)) {
        const line = body.insertRow();
        for (const text of [host.host, what, point.t.toFixed(2), percent(point.share)]) line.insertCell().textContent = text;
      }
    }
  }
  return table;
}
