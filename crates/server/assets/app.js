// What pages can do beyond links and forms. Everything here has a way without it.
"use strict";

// "/" goes to the search that is in sight, Escape closes what is open.
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = [...document.querySelectorAll("input[type=search]")].find((i) => i.checkVisibility());
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll("details.switch[open], details.menu[open], .facets details[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  }
});

// A click elsewhere closes menus.
addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.switch[open], .facets details[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

// The theme changes at once; the form still tells the server, whose cookie keeps it.
addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches(".themes")) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  const data = new URLSearchParams(new FormData(form));
  data.set("theme", chosen);
  await fetch(form.action, { method: "POST", body: data, redirect: "manual" });
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  for (const button of document.querySelectorAll(".themes button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
});

// Ids can be copied, where the browser lets pages do so.
if (navigator.clipboard) document.documentElement.classList.add("copies");
addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
});

// Live parts: an element with data-live holds the address of the page it is on. The page is fetched again while the
// element has data-live there, too, and with it every element with data-part. What somebody types in or selects stays.
const EVERY = 1000;
const same = (a) => (b) => a.tagName === b.tagName && a.name === b.name && a.textContent === b.textContent;
function swap(old, next) {
  const active = document.activeElement;
  const busy = old.contains(active) && active.matches("input, select, textarea");
  const selected = getSelection();
  if (busy || (!selected.isCollapsed && old.contains(selected.anchorNode))) return old;
  for (const open of old.querySelectorAll("details[id]")) {
    const details = next.querySelector("#" + CSS.escape(open.id));
    if (details) details.open = open.open;
  }
  const kept = old.contains(active) && [...next.querySelectorAll("a, button, summary")].find(same(active));
  old.replaceWith(next);
  if (kept) kept.focus({ preventScroll: true });
  return next;
}
async function refresh(part) {
  if (document.hidden) return again(part);
  try {
    const answer = await fetch(part.dataset.live, { headers: { accept: "text/html" } });
    if (answer.redirected || !answer.ok) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById(part.id);
    if (!next) return location.reload();
    for (const other of document.querySelectorAll("[data-part]")) {
      const its = page.getElementById(other.id);
      if (its) swap(other, its);
    }
    // What the rail says of the org stands there twice, and so has no id.
    const fresh = page.querySelectorAll(".fresh");
    document.querySelectorAll(".fresh").forEach((old, n) => fresh[n] && swap(old, fresh[n]));
    part = swap(part, next);
  } catch {
    // The server is away for a moment; the next look tells.
  }
  again(part);
}
function again(part) {
  if (part.dataset.live) setTimeout(() => refresh(part), EVERY);
}
document.querySelectorAll("[data-live]").forEach(again);

// What a typed Okta domain stands for, or what is wrong with it, as one types. The server reads it, as it will read the
// form. The text goes in a header: addresses are logged on their way, and some paste a key into the wrong field.
const PAUSE = 250;
for (const input of document.querySelectorAll("input[data-domain]")) {
  const says = document.getElementById(input.id + "-origin");
  let timer, asked;
  const ask = async () => {
    asked = new AbortController();
    const { signal } = asked;
    try {
      const headers = { accept: "text/html", "transom-domain": encodeURIComponent(input.value) };
      const answer = await fetch(input.dataset.domain, { headers, signal });
      // Who is signed out by now is led elsewhere.
      const text = answer.ok && !answer.redirected ? await answer.text() : "";
      says.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    } catch {
      if (!signal.aborted) says.replaceChildren();
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    if (input.value.trim()) timer = setTimeout(ask, PAUSE);
    else says.replaceChildren();
  });
  if (input.value.trim()) ask();
}
