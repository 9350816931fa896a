// Sorts an order by the column whose heading is pressed; rows without a value stand last either way.
const FIRST_DOWN = new Set(["rate"]);

function sortBy(table, heading, downwards) {
  const at = [...heading.parentNode.children].indexOf(heading);
  const body = table.tBodies[0];
  const valueOf = (row) => row.cells[at].dataset.value ?? "";
  const compare = (one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    if (a === "" || b === "") return (a === "") - (b === "");
    const order = Number.isNaN(Number(a)) || Number.isNaN(Number(b)) ? a.localeCompare(b) : a - b;
    return downwards ? -order : order;
  };
  body.append(...[...body.rows].sort(compare));
  for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", downwards ? "descending" : "ascending");
}

for (const table of document.querySelectorAll("table.order")) {
  for (const heading of table.tHead.rows[0].cells) {
    const title = heading.firstElementChild;
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", `Sort by ${(title.querySelector(".unseen") || title).textContent.toLowerCase()}`);
    title.after(button);
    button.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      sortBy(table, heading, now ? now === "ascending" : FIRST_DOWN.has(heading.dataset.key));
    });
  }
}
