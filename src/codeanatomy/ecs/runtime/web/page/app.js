// The page: what is selected lies in the address (#worlds=a,b&tick=3&chart=...), the rest is asked for.

import { colour, extent, lines, number, ramp, rampStrip, series, space, valueAt } from "./draw.js";

const byId = (name) => document.getElementById(name);
const WAIT = 15;
const state = {
  rows: [], selected: [], known: new Map(), tick: null, live: true, chart: "", colours: {}, charts: new Map(),
  playing: 0, busy: false,
};

async function ask(path, options = {}) {
  const token = sessionStorage.getItem("token");
  const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(options.body ? { "content-type": "application/json" } : {}) };
  const answer = await fetch(`/api/${path}`, { ...options, headers });
  const found = await answer.json();
  if (answer.status === 401) { await askToken(); return ask(path, options); }
  if (!answer.ok) throw Object.assign(new Error(found.error.message), { code: found.error.code });
  return found;
}

const post = (path, body) => ask(path, { method: "POST", body: JSON.stringify(body) });
const place = (name) => `worlds/${encodeURIComponent(name)}`;

function askToken() {
  const dialog = byId("token");
  if (!dialog.open) dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => {
    sessionStorage.setItem("token", byId("token-value").value.trim());
    done();
  }, { once: true }));
}

// the address

function readAddress() {
  const said = new URLSearchParams(location.hash.slice(1));
  state.selected = (said.get("worlds") || "").split(",").filter(Boolean);
  state.tick = said.has("tick") ? Number(said.get("tick")) : null;
  state.live = state.tick === null;
  state.chart = said.get("chart") || "";
}

function writeAddress() {
  const said = new URLSearchParams({ worlds: state.selected.join(",") });
  if (!state.live) said.set("tick", String(state.tick));
  if (state.chart) said.set("chart", state.chart);
  history.replaceState(null, "", `#${said}`);
}

// loading

async function loadWorlds() {
  state.rows = (await ask("worlds")).worlds;
  const names = state.rows.map((row) => row.name);
  state.selected = state.selected.filter((name) => names.includes(name));
  if (!state.selected.length && names.length) state.selected = [names[0]];
  showWorlds();
}

async function loadWorld(name) {
  const [about, past] = await Promise.all([ask(place(name)), ask(`${place(name)}/history`)]);
  const old = state.known.get(name);
  state.known.set(name, { about, past, bounds: old ? old.bounds : null });
}

async function loadChart() {
  byId("chart-error").hidden = true;
  state.charts.clear();
  if (!state.chart) return;
  try {
    await Promise.all(state.selected.map(async (name) => {
      state.charts.set(name, await ask(`${place(name)}/chart?expression=${encodeURIComponent(state.chart)}`));
    }));
  } catch (error) {
    state.charts.clear();
    byId("chart-error").textContent = error.message;
    byId("chart-error").hidden = false;
  }
}

async function refresh() {
  await Promise.all(state.selected.map(loadWorld));
  if (!state.chart) state.chart = firstChart();
  await loadChart();
  showPanes();
  await showMoment();
}

function firstChart() {
  const about = state.known.get(state.selected[0])?.about;
  const numbers = about ? about.components.flatMap((c) => c.fields.filter(isNumber).map((f) => `${c.name}__${f.field}`)) : [];
  const first = numbers.find((name) => !/__(x|y|z|d[xyz]|v[xyz]|row|col|column)$/.test(name)) || numbers[0];
  return first ? `avg(${first})` : "";
}

const isNumber = (field) => /^(u?int|float|double|half)/.test(field.type);

// showing

function showWorlds() {
  const list = byId("worlds");
  const byWorldId = new Map(state.rows.map((row) => [row.id, row]));
  const deep = (row) => (row.ancestor && byWorldId.has(row.ancestor) ? 1 + deep(byWorldId.get(row.ancestor)) : 0);
  const ordered = [];
  const put = (row) => { ordered.push(row); state.rows.filter((r) => r.ancestor === row.id).forEach(put); };
  state.rows.filter((row) => !deep(row)).forEach(put);
  list.replaceChildren(...ordered.map((row) => {
    const label = made("label", deep(row) ? "branch" : "");
    label.style.setProperty("--deep", deep(row));
    label.style.setProperty("--own", own(row.name));
    const box = made("input");
    box.type = "checkbox";
    box.checked = state.selected.includes(row.name);
    box.dataset.world = row.name;
    box.addEventListener("change", () => choose(row.name, box.checked));
    label.append(box, made("span", "dot"), made("span", "name", row.name),
      made("span", "at", row.ancestor_tick === null ? "" : `from ${row.ancestor_tick}`));
    return label;
  }));
  byId("empty").hidden = state.rows.length > 0;
  byId("time").hidden = !state.rows.length;
  byId("chart").hidden = !state.rows.length;
}

const own = (name) => `var(--c${Math.max(0, state.selected.indexOf(name)) % 8})`;
const ownColour = (name) => series(Math.max(0, state.selected.indexOf(name)));

async function choose(name, wanted) {
  state.selected = wanted ? [...state.selected, name] : state.selected.filter((n) => n !== name);
  if (!state.selected.length) state.selected = [name];
  showWorlds();
  writeAddress();
  await guarded(refresh);
}

function showPanes() {
  const panes = byId("panes");
  panes.className = state.selected.length === 1 ? "one" : "";
  sizes.disconnect();
  panes.replaceChildren(...state.selected.map(pane));
  panes.querySelectorAll("canvas").forEach((canvas) => sizes.observe(canvas));
  sizes.observe(byId("chart-canvas"));
  const names = state.known.get(state.selected[0]).about.components
    .flatMap((c) => c.fields.filter(isNumber).map((f) => `${c.name}__${f.field}`));
  byId("expressions").replaceChildren(...["count(*)", ...names.flatMap((n) => [`avg(${n})`, `sum(${n})`, `max(${n})`])]
    .map((text) => Object.assign(made("option"), { value: text })));
  byId("expression").value = state.chart;
  const [first, last] = reach();
  Object.assign(byId("tick"), { min: first, max: last });
  if (state.live || state.tick === null) state.tick = last;
  state.tick = Math.max(first, Math.min(last, state.tick));
}

function pane(name) {
  const { about } = state.known.get(name);
  const card = made("article", `card pane${about.space[0] ? " spatial" : ""}`);
  card.dataset.world = name;
  card.style.setProperty("--own", own(name));
  const head = made("header");
  head.append(made("span", "dot"), made("h2", "", name));
  if (about.ancestor_tick !== null) head.append(made("span", "from", `branch from tick ${number(about.ancestor_tick)}`));
  const body = made("div", "body");
  if (about.space[0]) body.append(spaceBox(name));
  const people = made("div", "spacebox");
  const plot = made("canvas", "plot population");
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", `Population of ${name} by tick`);
  plot.addEventListener("pointermove", (event) => point(event, plot, populations(name)));
  plot.addEventListener("pointerleave", hideTip);
  plot.addEventListener("click", (event) => jump(event, plot));
  people.append(made("span", "caption", "Population by table"), plot, made("div", "legend tables"));
  body.append(people);
  card.append(head, figures(), body);
  return card;
}

function figures() {
  const found = made("div", "figures");
  for (const what of ["tick", "entities", "waiting"]) {
    const one = made("div");
    one.append(made("b", what), made("span", "", what));
    found.append(one);
  }
  return found;
}

function spaceBox(name) {
  const box = made("div", "spacebox");
  const canvas = made("canvas", "space");
  canvas.setAttribute("role", "img");
  canvas.addEventListener("pointermove", (event) => nearest(event, canvas));
  canvas.addEventListener("pointerleave", hideTip);
  const chosen = made("select");
  chosen.setAttribute("aria-label", `Colour of the entities of ${name}`);
  chosen.addEventListener("change", () => { state.colours[name] = chosen.value; guarded(showMoment); });
  const under = made("div", "under");
  under.append(made("div", "legend paint"), chosen);
  box.append(canvas, under, made("p", "from note"));
  return box;
}

// What is on a canvas is drawn again when the canvas gets another size.
const sizes = new ResizeObserver(() => {
  showLines();
  for (const name of state.selected) {
    const { shown } = state.known.get(name) || {};
    if (shown) showSpace(name, ...shown);
  }
});

// one moment in all panes

let asked = 0;
async function showMoment() {
  const mine = ++asked;
  const slider = byId("tick");
  slider.value = state.tick;
  slider.style.setProperty("--done", `${((state.tick - slider.min) / Math.max(1, slider.max - slider.min)) * 100}%`);
  byId("tick-shown").replaceChildren(made("b", "", number(state.tick)), ` of ${number(Number(slider.max))}`);
  byId("live").setAttribute("aria-pressed", String(state.live));
  writeAddress();
  showLines();
  await Promise.all(state.selected.map(async (name) => {
    const { about } = state.known.get(name);
    if (!about.space[0]) return;
    const at = Math.max(about.first_tick, Math.min(state.tick, about.tick));
    const chosen = state.colours[name] ?? preferred(about);
    const found = await ask(`${place(name)}/space?tick=${at}&colour=${encodeURIComponent(chosen)}`);
    if (mine !== asked) return;
    state.known.get(name).shown = [found, chosen];
    showSpace(name, found, chosen);
  }));
}

function preferred(about) {
  const named = (wanted) => about.components.flatMap((c) => c.fields.filter(wanted).map((f) => `${c.name}__${f.field}`))[0];
  return named((f) => f.members) || named((f) => f.type === "int8" || f.type === "uint8") || named((f) => f.type === "bool") || "";
}

function showLines() {
  for (const card of byId("panes").children) {
    const name = card.dataset.world;
    const { about, past } = state.known.get(name);
    const all = populations(name);
    const last = Math.min(state.tick, about.tick);
    lines(card.querySelector(".population"), all, last);
    const shown = [last, valueAt({ ticks: past.ticks, values: past.population }, last), about.waiting];
    card.querySelectorAll(".figures b").forEach((figure, k) => { figure.textContent = number(shown[k]); });
    card.dataset.tick = last;
    legend(card.querySelector(".tables"), all, last);
  }
  const drawn = chartLines();
  lines(byId("chart-canvas"), drawn, state.tick);
  byId("chart-canvas").setAttribute("aria-label", `${state.chart} by tick`);
  legend(byId("chart-legend"), drawn, state.tick);
}

function populations(name) {
  const { past } = state.known.get(name);
  return past.series.map((one, k) => ({ name: one.table, colour: series(k), ticks: past.ticks, values: one.rows }));
}

const chartLines = () => [...state.charts].sort(([a], [b]) => state.selected.indexOf(a) - state.selected.indexOf(b))
  .map(([name, found]) => ({ name, colour: ownColour(name), ticks: found.ticks, values: found.values }));

function legend(into, all, tick) {
  into.replaceChildren(...all.map((one) => {
    const row = made("span");
    const key = made("i");
    key.style.setProperty("--own", one.colour);
    row.append(key, one.name, made("b", "", number(valueAt(one, tick))));
    return row;
  }));
}

function showSpace(name, found, chosen) {
  const card = [...byId("panes").children].find((one) => one.dataset.world === name);
  if (!card) return;
  const known = state.known.get(name);
  const xs = found.layers.flatMap((layer) => layer.x);
  const ys = found.layers.flatMap((layer) => layer.y);
  if (found.bounds) known.bounds = found.bounds;
  else if (xs.length) {
    const [[x0, x1], [y0, y1]] = [extent(xs), extent(ys)];
    const [a, b, c, d] = known.bounds || [x0, y0, x1, y1];
    known.bounds = [Math.min(a, x0), Math.min(b, y0), Math.max(c, x1), Math.max(d, y1)];
  }
  const { paint, keys } = painter(found, chosen, known);
  const canvas = card.querySelector(".space");
  space(canvas, found, known.bounds || [0, 0, 1, 1], paint);
  canvas.dataset.entities = found.entities;
  canvas.dataset.tick = found.tick;
  canvas.setAttribute("aria-label", `${found.entities} entities of ${name} at tick ${found.tick}`);
  card.querySelector(".paint").replaceChildren(...keys);
  const notes = [found.assumed, found.shown_every > 1 ? `every ${found.shown_every}th entity is shown` : ""];
  card.querySelector(".note").textContent = notes.filter(Boolean).join("; ");
  const select = card.querySelector("select");
  select.replaceChildren(...["", ...found.colours].map((value) => Object.assign(made("option", "", value || "colour by table"), { value })));
  select.value = chosen;
}

function painter(found, chosen, known) {
  const values = found.layers.flatMap((layer) => layer.colour || []).filter((value) => value !== null);
  if (!chosen || !values.length) {
    const places = new Map(known.past.series.map((one, k) => [one.table, k]));
    return {
      paint: ((fills) => (layer) => fills[places.get(layer.table) ?? 0])(Array.from({ length: 64 }, (_, k) => series(k))),
      keys: found.layers.map((layer) => key(series(places.get(layer.table) ?? 0), layer.table)),
    };
  }
  const few = new Set(values);
  if (typeof values[0] === "number" && !(few.size <= 8 && values.every(Number.isInteger))) {
    const [low, high] = extent(values);
    const strip = made("i", "ramp");
    strip.style.background = rampStrip();
    const row = made("span");
    row.append(number(low), strip, number(high));
    const none = colour("--axis");
    return { paint: (layer, k) => (layer.colour && layer.colour[k] !== null ? ramp((layer.colour[k] - low) / (high - low || 1)) : none), keys: [row] };
  }
  const column = known.about.components.flatMap((c) => c.fields.map((f) => [`${c.name}__${f.field}`, f])).find(([n]) => n === chosen);
  const members = (column && column[1].members) || [...few].sort((a, b) => (a > b ? 1 : -1));
  const fills = new Map(members.map((member, k) => [member, series(k)]));
  const none = colour("--axis");
  return {
    paint: (layer, k) => (layer.colour && fills.get(layer.colour[k])) || none,
    keys: members.slice(0, 12).map((member) => key(fills.get(member), String(member))),
  };
}

function key(fill, text) {
  const row = made("span");
  const mark = made("i");
  mark.style.setProperty("--own", fill);
  row.append(mark, text);
  return row;
}

// pointing

function tickAt(event, canvas) {
  const { frame, first, last } = canvas.scale;
  const box = canvas.getBoundingClientRect();
  const share = (event.clientX - box.left - frame.left) / (frame.right - frame.left);
  return Math.round(first + Math.max(0, Math.min(1, share)) * (last - first));
}

function point(event, canvas, all) {
  if (!canvas.scale) return;
  const tick = tickAt(event, canvas);
  tip(event, [`tick ${number(tick)}`, ...all.map((one) => `${one.name}: ${number(valueAt(one, tick))}`)].join("\n"));
}

function jump(event, canvas) {
  if (canvas.scale) go(tickAt(event, canvas));
}

function nearest(event, canvas) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  let found = null;
  let best = canvas.reach ** 2;
  for (const spot of canvas.spots || []) {
    const far = (spot[0] - x) ** 2 + (spot[1] - y) ** 2;
    if (far <= best) [found, best] = [spot, far];
  }
  if (!found) { hideTip(); return; }
  const [, , layer, k] = found;
  const told = layer.colour ? `\n${layer.colour[k]}` : "";
  tip(event, `entity ${layer.entity_id[k]} · ${layer.table}\nx ${number(layer.x[k])}  y ${number(layer.y[k])}${told}`);
}

function tip(event, text) {
  const box = byId("tip");
  box.textContent = text;
  box.hidden = false;
  box.style.left = `${Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8)}px`;
  box.style.top = `${Math.min(event.clientY + 14, innerHeight - box.offsetHeight - 8)}px`;
}

function hideTip() { byId("tip").hidden = true; }

// time

function reach() {
  const all = state.selected.map((name) => state.known.get(name).about);
  return [Math.min(...all.map((one) => one.first_tick)), Math.max(...all.map((one) => one.tick))];
}

function go(tick) {
  const [first, last] = reach();
  state.tick = Math.max(first, Math.min(last, tick));
  state.live = false;
  return guarded(showMoment);
}

function play(wanted) {
  const button = byId("play");
  clearTimeout(state.playing);
  state.playing = 0;
  button.setAttribute("aria-pressed", String(wanted));
  if (!wanted) return;
  const [first, last] = reach();
  if (state.tick >= last) state.tick = first;
  const stride = Math.max(1, Math.round((last - first) / 300));
  const next = async () => {
    if (state.tick >= last) { play(false); return; }
    await go(state.tick + stride);
    if (state.playing) state.playing = setTimeout(next, 40);
  };
  state.playing = setTimeout(next, 0);
}

async function makeTicks(count) {
  const buttons = document.querySelectorAll("[data-steps]");
  buttons.forEach((button) => { button.disabled = true; });
  state.live = true;
  try {
    await Promise.all(state.selected.map((name) => post(`${place(name)}/run`, { ticks: count })));
    await refresh();
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
  }
}

function forkHere() {
  const name = state.selected[0];
  const { about } = state.known.get(name);
  const at = Math.min(state.tick, about.tick);
  const dialog = byId("branch");
  byId("branch-of").textContent = `${name} as it was at tick ${number(at)}; both go on from there.`;
  byId("branch-name").value = `${name}-${at}`;
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "fork") return;
    guarded(async () => {
      const made = await post(`${place(name)}/fork`, { name: byId("branch-name").value, at_tick: at });
      state.selected = [...state.selected, made.name];
      await loadWorlds();
      await refresh();
    });
  }, { once: true });
}

// Waits for new ticks of the first selected world, then shows all of them again.
async function follow() {
  for (;;) {
    const name = state.selected[0];
    const known = state.known.get(name);
    if (!state.live || document.hidden || !known) { await pause(500); continue; }
    try {
      const { tick } = await ask(`${place(name)}/watch?since=${known.about.tick}&wait=${WAIT}`);
      if (tick !== known.about.tick && state.live && state.selected[0] === name) await refresh();
    } catch (error) {
      notice(error.message);
      await pause(3000);
    }
    await pause(250);
  }
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// small things

function made(tag, kind = "", text = "") {
  const found = document.createElement(tag);
  if (kind) found.className = kind;
  if (text) found.textContent = text;
  return found;
}

function notice(text) {
  const box = byId("notice");
  box.textContent = text;
  box.className = "wrong";
  box.hidden = !text;
}

async function guarded(work) {
  try {
    await work();
    notice("");
  } catch (error) {
    notice(error.message);
  }
}

function listen() {
  byId("tick").addEventListener("input", (event) => { play(false); go(Number(event.target.value)); });
  byId("play").addEventListener("click", () => play(!state.playing));
  byId("live").addEventListener("click", () => {
    play(false);
    state.live = !state.live;
    guarded(state.live ? refresh : showMoment);
  });
  document.querySelectorAll("[data-steps]").forEach((button) => {
    button.addEventListener("click", () => guarded(() => makeTicks(Number(button.dataset.steps))));
  });
  byId("fork").addEventListener("click", forkHere);
  byId("chart-form").addEventListener("submit", (event) => {
    event.preventDefault();
    state.chart = byId("expression").value.trim();
    guarded(async () => { await loadChart(); await showMoment(); });
  });
  const chart = byId("chart-canvas");
  chart.addEventListener("pointermove", (event) => point(event, chart, chartLines()));
  chart.addEventListener("pointerleave", hideTip);
  chart.addEventListener("click", (event) => jump(event, chart));
  byId("theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem("theme", document.documentElement.dataset.theme);
    guarded(showMoment);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => guarded(showMoment));
  addEventListener("keydown", (event) => {
    if (event.key !== " " || /INPUT|BUTTON|SELECT/.test(event.target.tagName)) return;
    event.preventDefault();
    play(!state.playing);
  });
  addEventListener("hashchange", () => { readAddress(); guarded(begin); });
}

async function begin() {
  await loadWorlds();
  if (state.selected.length) await refresh();
  document.body.dataset.ready = "yes";
}

if (localStorage.getItem("theme")) document.documentElement.dataset.theme = localStorage.getItem("theme");
readAddress();
listen();
await guarded(begin);
follow();
