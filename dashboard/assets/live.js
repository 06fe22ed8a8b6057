// live keeps the page fresh: the server says that something changed, the page fetches itself again and changes in
// place. Without events it asks every few seconds; without a server it says since when.
import { morph } from "./morph.js";
import { ago } from "./page.js";

const least = 1000;   // ms between two refreshes
const idle = 10000;   // ms after which the page asks although nothing was said: silence is news too
const fallback = 5000; // ms between questions when there are no events

export function startLive({ onMorph, onPoints }) {
  const watch = document.body.dataset.watch;
  if (!watch) return;
  const freshness = document.getElementById("freshness");
  const offline = document.getElementById("offline");
  const pause = document.getElementById("pause");
  let updated = Date.now(), lostAt = 0, paused = false, timer = 0, busy = false, points = false, connected = false;

  function concerns(change) {
    if (watch === "all") return true;
    const [what, name] = [watch.slice(0, watch.indexOf("=")), watch.slice(watch.indexOf("=") + 1)];
    return change[what] === name;
  }

  async function refresh() {
    timer = 0;
    if (paused || busy || document.hidden) { if (busy) plan(); return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      morph(document.getElementById("main"), next.getElementById("main"));
      onMorph();
      if (points) { points = false; onPoints(); }
      updated = Date.now();
      lostAt = 0;
    } catch {
      lostAt = lostAt || Date.now();
    } finally {
      busy = false;
      show();
    }
  }

  function plan(delay = least) { if (!timer) timer = setTimeout(refresh, Math.max(delay - (Date.now() - updated), 50)); }

  function show() {
    freshness.textContent = paused ? "paused" : `updated ${ago((Date.now() - updated) / 1000)}`;
    freshness.classList.toggle("live", connected && !paused && !lostAt);
    offline.hidden = !lostAt;
    if (lostAt) offline.textContent = `Offline since ${new Date(lostAt).toLocaleTimeString()}, showing the last state.`;
  }

  function listen() {
    const events = new EventSource(new URL("../../events", import.meta.url)) // assets lie two folders below the root, wherever a proxy has that;
    events.onopen = () => { if (!connected) { connected = true; points = true; plan(); } };
    events.onerror = () => {
      connected = false;
      plan();
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, fallback); // refused: try anew
    };
    events.addEventListener("change", (event) => {
      const change = JSON.parse(event.data);
      if (!concerns(change)) return;
      points = points || change.kind === "points" || change.kind === "status";
      plan();
    });
    addEventListener("pagehide", () => events.close(), { once: true });
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", paused);
    pause.textContent = paused ? "Resume" : "Pause";
    if (!paused) { points = true; plan(0); }
    show();
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { points = true; plan(0); } });
  setInterval(() => {
    if (lostAt || Date.now() - updated > (connected ? idle : fallback)) { points = points || !connected; plan(0); }
    show();
  }, 1000);
  listen();
  show();
}
