// Draws lines and spaces on canvases, sharp on any screen, in the colours of the page.

const RAMP = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const series = (place) => colour(`--c${place % 8}`);

export function number(value) {
  if (value === null || value === undefined) return "–";
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const size = Math.abs(value);
  return value.toLocaleString("en", { maximumFractionDigits: size >= 100 ? 1 : size >= 1 ? 2 : 4 });
}

// Lines: [{name, colour, ticks, values}], a cursor at `tick`; nulls are gaps.
export function lines(canvas, all, tick) {
  const pen = prepared(canvas);
  const { width, height } = pen;
  const frame = { left: 46, right: width - 10, top: 10, bottom: height - 24 };
  const ticks = all.flatMap((one) => one.ticks);
  const values = all.flatMap((one) => one.values).filter((value) => value !== null);
  const [first, last] = ticks.length ? extent(ticks) : [0, 1];
  let [low, high] = values.length ? extent(values) : [0, 1];
  if (low > 0 && low < high * 0.6) low = 0;
  if (low === high) { low -= low ? Math.abs(low) * 0.1 : 1; high += high ? Math.abs(high) * 0.1 : 1; }
  const steps = rounded(low, high, Math.max(2, Math.floor((frame.bottom - frame.top) / 44)));
  low = Math.min(low, steps[0]); high = Math.max(high, steps[steps.length - 1]);
  const x = (at) => frame.left + ((at - first) / Math.max(1, last - first)) * (frame.right - frame.left);
  const y = (value) => frame.bottom - ((value - low) / (high - low)) * (frame.bottom - frame.top);
  pen.font = "11px system-ui, sans-serif";
  pen.lineWidth = 1;
  axes(pen, frame, steps, x, y, first, last);
  for (const one of all) line(pen, one, x, y);
  if (tick !== null && tick >= first && tick <= last) cursor(pen, frame, all, tick, x, y);
  canvas.scale = { frame, first, last, x, y };
}

function axes(pen, frame, steps, x, y, first, last) {
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const step of steps) {
    const at = Math.round(y(step)) + 0.5;
    pen.strokeStyle = colour("--line");
    stroke(pen, frame.left, at, frame.right, at);
    pen.fillStyle = colour("--faint");
    pen.fillText(short(step), frame.left - 8, at);
  }
  pen.strokeStyle = colour("--axis");
  stroke(pen, frame.left, frame.bottom + 0.5, frame.right, frame.bottom + 0.5);
  pen.textBaseline = "top";
  pen.fillStyle = colour("--faint");
  const marks = rounded(first, last, Math.max(2, Math.floor((frame.right - frame.left) / 90)));
  for (const mark of marks.filter((m) => Number.isInteger(m) && m >= first && m <= last)) {
    pen.textAlign = x(mark) > frame.right - 14 ? "right" : "center";
    pen.fillText(mark.toLocaleString("en"), x(mark), frame.bottom + 7);
  }
}

function line(pen, one, x, y) {
  pen.strokeStyle = one.colour;
  pen.lineWidth = 2;
  pen.lineJoin = pen.lineCap = "round";
  pen.beginPath();
  let down = false;
  one.ticks.forEach((tick, place) => {
    const value = one.values[place];
    if (value === null) { down = false; return; }
    if (down) pen.lineTo(x(tick), y(value)); else pen.moveTo(x(tick), y(value));
    down = true;
  });
  pen.stroke();
  if (one.ticks.length === 1 && one.values[0] !== null) spot(pen, x(one.ticks[0]), y(one.values[0]), one.colour);
}

function cursor(pen, frame, all, tick, x, y) {
  pen.lineWidth = 1;
  pen.strokeStyle = colour("--faint");
  const at = Math.round(x(tick)) + 0.5;
  stroke(pen, at, frame.top, at, frame.bottom);
  for (const one of all) {
    const value = valueAt(one, tick);
    if (value !== null) spot(pen, x(tick), y(value), one.colour);
  }
}

// The value at a tick, or at the last one before it that is drawn.
export function valueAt(one, tick) {
  let found = null;
  for (let place = 0; place < one.ticks.length && one.ticks[place] <= tick; place += 1) found = one.values[place];
  return one.ticks.length && tick > one.ticks[one.ticks.length - 1] ? null : found;
}

function spot(pen, x, y, fill) {
  pen.beginPath();
  pen.arc(x, y, 4, 0, 7);
  pen.fillStyle = fill;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = colour("--card");
  pen.stroke();
}

// A space: `paint(layer, place)` gives the colour of an entity; `bounds` are [x0, y0, x1, y1].
export function space(canvas, found, bounds, paint) {
  const pen = prepared(canvas);
  const [x0, y0, x1, y1] = bounds;
  const pad = found.grid ? 0 : 10;
  const wide = x1 - x0 + (found.grid ? 1 : 0) || 1;
  const high = y1 - y0 + (found.grid ? 1 : 0) || 1;
  const unit = Math.min((pen.width - 2 * pad) / wide, (pen.height - 2 * pad) / high);
  const left = (pen.width - wide * unit) / 2;
  const top = (pen.height - high * unit) / 2;
  const spots = [];
  const count = found.layers.reduce((sum, layer) => sum + layer.x.length, 0);
  const radius = Math.max(1.2, Math.min(7, (Math.min(pen.width, pen.height) / Math.sqrt(count + 1)) * 0.22));
  const side = found.grid ? Math.max(1, unit > 4 ? unit - 1 : unit) : radius;
  found.layers.forEach((layer) => {
    for (let place = 0; place < layer.x.length; place += 1) {
      const x = left + (layer.x[place] - x0) * unit;
      const y = top + (y1 - layer.y[place]) * unit;
      pen.fillStyle = paint(layer, place);
      if (found.grid) pen.fillRect(x, y, side, side);
      else { pen.beginPath(); pen.arc(x, y, radius, 0, 7); pen.fill(); }
      spots.push([found.grid ? x + side / 2 : x, found.grid ? y + side / 2 : y, layer, place]);
    }
  });
  canvas.spots = spots;
  canvas.reach = Math.max(8, side);
}

export function extent(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) { if (value < low) low = value; if (value > high) high = value; }
  return [low, high];
}

export function ramp(share) {
  const at = Math.max(0, Math.min(0.9999, share)) * (RAMP.length - 1);
  const [from, to] = [RAMP[Math.floor(at)], RAMP[Math.floor(at) + 1]];
  return `rgb(${from.map((part, k) => Math.round(part + (to[k] - part) * (at % 1))).join(" ")})`;
}

export const rampStrip = () => `linear-gradient(90deg, ${RAMP.map((c) => `rgb(${c.join(" ")})`).join(", ")})`;

function prepared(canvas) {
  const box = canvas.getBoundingClientRect();
  const dense = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * dense));
  canvas.height = Math.max(1, Math.round(box.height * dense));
  const pen = canvas.getContext("2d");
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  pen.clearRect(0, 0, box.width, box.height);
  pen.width = box.width;
  pen.height = box.height;
  return pen;
}

function rounded(low, high, about) {
  const raw = (high - low || 1) / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= raw);
  const found = [];
  for (let k = Math.floor(low / step); k * step < high + step * 0.999; k += 1) found.push(Number((k * step).toPrecision(12)));
  return found;
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e9) return `${+(value / 1e9).toFixed(1)}G`;
  if (size >= 1e6) return `${+(value / 1e6).toFixed(1)}M`;
  if (size >= 1e4) return `${+(value / 1e3).toFixed(1)}k`;
  return number(value);
}

function stroke(pen, x0, y0, x1, y1) {
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}
