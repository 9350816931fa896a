// A link to a row opens it.
function openNamed() {
  const details = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!details?.matches("details.row")) return;
  details.hidden = false;
  details.open = true;
  drawRow(details);
  details.scrollIntoView();
  details.querySelector("summary").focus({ preventScroll: true });
}

window.addEventListener("hashchange", openNamed);
openNamed();
