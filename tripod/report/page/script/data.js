// What is drawn: rows of each group, as `tripod/report/page/make.py` wrote them into the page.
const data = JSON.parse(document.getElementById("data").textContent);
const rowsOf = (group) => data.groups[group] || [];
const rowById = new Map(Object.values(data.groups).flat().map((row) => [row.id, row]));
