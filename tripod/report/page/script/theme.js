// The switch between light and dark; without a choice the page is as the system is.
const THEMES = ["system", "light", "dark"];
const themeButton = document.getElementById("theme");

function remembered() {
  try { return localStorage.getItem("tripod-theme"); } catch { return null; } // a page from disk may have no storage
}

function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  themeButton.querySelector("span").textContent = theme;
  try { localStorage.setItem("tripod-theme", theme); } catch { /* then it is forgotten */ }
}

let theme = THEMES.includes(remembered()) ? remembered() : "system";
setTheme(theme);
themeButton.hidden = false;
themeButton.addEventListener("click", () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  setTheme(theme);
});
