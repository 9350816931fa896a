// A link to a row, or to what stands in it, opens it.
function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = named?.closest("details.row");
  if (!details) return;
  details.hidden = false;
  details.open = true;
  drawRow(details);
  named.scrollIntoView();
  details.querySelector("summary").focus({ preventScroll: true });
}

window.addEventListener("hashchange", openNamed);
openNamed();
