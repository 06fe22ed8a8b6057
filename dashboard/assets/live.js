// live keeps the page fresh: the server says that something changed, the page fetches itself again and changes in
// place. Without events it asks every few seconds. A server that cannot be reached, twice in a row, is said with the time
// since when; one that answers with an error is not offline, and what it answers is said.
import { morph } from "./morph.js";
import { ago } from "./page.js";

const least = 1000;   // ms between two refreshes,
const share = 4;      // and this many times what the last one took: a page of many runs takes its time
const idle = 10000;   // ms after which the page asks although nothing was said: silence is news too
const fallback = 5000; // ms between questions when there are no events

export function startLive({ onMorph, onPoints }) {
  const watch = document.body.dataset.watch;
  if (!watch) return;
  const freshness = document.getElementById("freshness");
  const offline = document.getElementById("offline");
  const pause = document.getElementById("pause");
  let updated = Date.now(), lostAt = 0, misses = 0, refused = "", leaving = false;
  let paused = false, took = 0, timer = 0, busy = false, points = false, connected = false;

  function concerns(change) {
    if (watch === "all") return true;
    const [what, name] = [watch.slice(0, watch.indexOf("=")), watch.slice(watch.indexOf("=") + 1)];
    return change[what] === name;
  }

  async function refresh() {
    timer = 0;
    const start = Date.now();
    if (paused || busy || document.hidden) { if (busy) plan(); return; }
    busy = true;
    try {
      const page = await ask();
      if (page) change(page);
    } finally {
      busy = false;
      took = Date.now() - start;
      show();
    }
  }

  // ask for the page as it is now; nothing if there is no answer, or an error.
  async function ask() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      misses = lostAt = 0;
      refused = answer.ok ? "" : `${answer.status} ${answer.statusText}`.trim();
      return answer.ok && text;
    } catch {
      if (leaving) return ""; // the browser gives up what a page that is left has asked for
      misses++;
      if (misses > 1) lostAt = lostAt || Date.now();
      return "";
    }
  }

  function change(page) {
    const next = new DOMParser().parseFromString(page, "text/html");
    updated = Date.now();
    morph(document.getElementById("main"), next.getElementById("main"));
    onMorph();
    if (points) { points = false; onPoints(); }
  }

  function plan(delay = least) { if (!timer) timer = setTimeout(refresh, misses || refused ? least : Math.max(Math.max(delay, share * took) - (Date.now() - updated), 50)); }

  function show() {
    freshness.textContent = paused ? "paused" : `updated ${ago((Date.now() - updated) / 1000)}`;
    freshness.classList.toggle("live", connected && !paused && !lostAt && !refused);
    say(lostAt ? `Offline since ${new Date(lostAt).toLocaleTimeString()}, showing the last state.`
      : refused ? `This page cannot be renewed: the server answers ${refused}. Shown is the state of ${new Date(updated).toLocaleTimeString()}.` : "");
  }

  // say it once: a text that is set again is read out again.
  function say(text) {
    offline.hidden = text === "";
    if (offline.textContent !== text) offline.textContent = text;
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
    addEventListener("pagehide", () => { leaving = true; events.close(); }, { once: true });
  }

  addEventListener("pageshow", (event) => { if (event.persisted) { leaving = false; points = true; listen(); plan(0); } });
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
    if (misses || refused || Date.now() - updated > (connected ? idle : fallback)) { points = points || !connected; plan(0); }
    show();
  }, 1000);
  listen();
  show();
}
