// state of the charts, kept in the address: a reload, a bookmark and a colleague see the same view.

// longest address that is written: the server reads some more, not any.
const longest = 12000;

const defaults = { x: "epoch", log: false, band: true, seeds: false, smooth: 0 };

export function readState() {
  const q = new URLSearchParams(location.search);
  const zoom = (q.get("zoom") || "").split("..").map(Number);
  return {
    x: ["epoch", "step", "seconds"].includes(q.get("x")) ? q.get("x") : defaults.x,
    log: q.get("log") === "1",
    band: q.get("band") !== "0",
    seeds: q.get("seeds") === "1",
    smooth: Math.min(0.95, Math.max(0, Number(q.get("smooth")) || 0)),
    zoom: zoom.length === 2 && zoom.every(Number.isFinite) ? zoom : null,
    hidden: new Set(q.getAll("hide")),
  };
}

// entered puts the state into the parameters of an address; what is as usual is left out.
function entered(q, state) {
  const set = (name, value, usual) => { if (value === usual) q.delete(name); else q.set(name, value); };
  set("x", state.x, defaults.x);
  set("log", state.log ? "1" : "0", "0");
  set("band", state.band ? "1" : "0", "1");
  set("seeds", state.seeds ? "1" : "0", "0");
  set("smooth", String(state.smooth), "0");
  set("zoom", state.zoom ? state.zoom.map((v) => Number(v.toPrecision(6))).join("..") : "", "");
  q.delete("hide");
  for (const arm of state.hidden) q.append("hide", arm);
}

export function writeState(state) {
  const url = new URL(location);
  entered(url.searchParams, state);
  if (url.href.length > longest) url.searchParams.delete("hide");
  history.replaceState(null, "", url);
}

// viewed is the address of a figure that shows the state.
export function viewed(href, state) {
  const url = new URL(href, location);
  entered(url.searchParams, state);
  return url.href;
}
