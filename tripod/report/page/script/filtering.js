// Hides the rows that do not have what is asked for, in all groups of a run, and says how many are left.
const plainText = (text) => text.toLowerCase().replace(/\s+/g, " ").trim();

function fits(row, asked) {
  return (!asked.mode || row.dataset.mode === asked.mode)
    && (!asked.state || row.dataset.state === asked.state)
    && plainText(row.textContent).includes(plainText(asked.text));
}

for (const form of document.querySelectorAll("form.controls")) {
  const rows = [...document.querySelectorAll(`table.order[data-run="${form.dataset.run}"] tbody tr`)];
  const told = form.querySelector("output");
  const apply = () => {
    const asked = Object.fromEntries(new FormData(form));
    let left = 0;
    for (const row of rows) {
      const shown = fits(row, asked);
      row.hidden = !shown;
      // a row's details are filtered with it, unless somebody reads them
      const details = document.getElementById(row.id.slice(0, -"-row".length));
      details.hidden = !shown && !details.open;
      left += shown;
    }
    told.textContent = left === rows.length ? `${rows.length} rows` : `${left} of ${rows.length} rows`;
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply, 0));
  apply();
}
