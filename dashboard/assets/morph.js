// morph changes a tree into another one in place: what is equal stays, so focus, scroll and open details survive.
// Elements with data-keep belong to scripts and are left alone once they exist.

// Attributes a reader or a script changes; the server's opinion on them is not asked again.
const own = new Set(["open", "hidden"]);

function attributes(from, to) {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !own.has(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) if (from.getAttribute(name) !== value && !own.has(name)) from.setAttribute(name, value);
}

const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "");

function children(from, to) {
  let old = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    let match = old;
    if (wanted.id) { // an element with an id may have moved
      while (match && match.id !== wanted.id) match = match.nextSibling;
      if (match && match !== old) from.insertBefore(match, old);
    }
    match = match && alike(match, wanted) ? match : null;
    if (match) {
      if (match === old) old = old.nextSibling;
      morph(match, wanted);
    } else {
      from.insertBefore(wanted, old);
    }
  }
  while (old) { const next = old.nextSibling; old.remove(); old = next; }
}

export function morph(from, to) {
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (from.hasAttribute("data-keep") || from.isEqualNode(to)) return;
  if (from.nodeName === "TIME" && from.getAttribute("datetime") === to.getAttribute("datetime")) return;
  attributes(from, to);
  if (from.nodeName === "INPUT" || from.nodeName === "SELECT" || from.nodeName === "DATALIST") return; // the reader's
  children(from, to);
}
