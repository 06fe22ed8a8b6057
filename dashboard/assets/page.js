// Theme, copy buttons, relative times and keys: what every page has.

const themes = ["system", "light", "dark"];

function startTheme() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const show = () => { const t = root.dataset.theme || "system"; button.textContent = "Theme: " + t; };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "system") + 1) % themes.length];
    if (next === "system") { delete root.dataset.theme; localStorage.removeItem("theme"); }
    else { root.dataset.theme = next; localStorage.setItem("theme", next); }
    show();
    document.dispatchEvent(new Event("themechange"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("themechange")));
}

// Paper is white, whatever the screen is.
function startPrint() {
  const root = document.documentElement;
  let screen;
  const themed = (theme) => {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    document.dispatchEvent(new Event("themechange"));
  };
  addEventListener("beforeprint", () => { screen = root.dataset.theme || ""; themed("light"); });
  addEventListener("afterprint", () => themed(screen));
}

export function ago(seconds) {
  if (seconds < 1) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

function tellTimes() {
  for (const t of document.querySelectorAll("time[datetime]")) {
    const text = ago((Date.now() - Date.parse(t.dateTime)) / 1000);
    if (t.textContent !== text) t.textContent = text;
  }
}

// dressPage prepares elements that have just arrived.
export function dressPage(root) {
  for (const b of root.querySelectorAll("button.copy[hidden]")) b.hidden = false;
  tellTimes();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) { event.preventDefault(); search.focus(); }
  } else if (event.key === ".") {
    document.getElementById("theme").click();
  }
}

export function startPage() {
  startTheme();
  startPrint();
  dressPage(document);
  setInterval(tellTimes, 1000);
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button) copy(button);
  });
}
