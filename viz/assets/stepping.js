// Walks through the steps that stand in the page as JSON. `at` is how many have happened.
// Whatever comes from the graph is set as text, never as HTML.
"use strict";
(() => {
  const find = (selector) => document.querySelector(selector);
  const { steps, operations, values } = JSON.parse(find("#steps").textContent);
  const picture = find("main");
  const slider = find("nav input");
  const wires = new Map();
  const boxes = new Map();
  const valueAt = new Map(); // by the id of a wire: the step that brings its value
  const gradientAt = new Map(); // and the step that completes its gradient
  const boxAt = new Map(); // by the id of a box: the step that computes it
  const pulledAt = new Map(); // and the first step back through it
  let at = 0;
  let timer = 0;

  function make(name, className, text) {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function readPicture() {
    for (const group of picture.querySelectorAll("g[id]")) {
      const isWire = group.classList.contains("gg-wire");
      (isWire ? wires : boxes).set(group.id, group);
      group.addEventListener("click", () => runUntil(group.id, isWire));
      if (isWire) addHit(group);
    }
    steps.forEach((step, i) => {
      const box = step.of === undefined ? undefined : operations[step.of].box;
      if (step.kind === "forward") {
        for (const wire of step.wires) valueAt.set(wire, i + 1);
        boxAt.set(box, i + 1);
      } else {
        for (const wire of [step.wire, step.trunk]) if (wire) gradientAt.set(wire, i + 1);
        if (box && !pulledAt.has(box)) pulledAt.set(box, i + 1);
      }
    });
  }

  // A wire is thin: a broad invisible one over it takes the clicks.
  function addHit(wire) {
    const line = wire.querySelector("path");
    if (!line) return;
    const hit = line.cloneNode();
    hit.setAttribute("class", "gg-hit");
    wire.append(hit);
  }

  // To where its gradient is complete, or back to its value if that is where we are.
  function runUntil(id, isWire) {
    const forward = (isWire ? valueAt : boxAt).get(id) ?? 0;
    const backward = (isWire ? gradientAt : pulledAt).get(id) ?? forward;
    stop();
    go(at === backward ? forward : backward);
  }

  // What the picture shows

  function paint() {
    for (const [id, wire] of wires) {
      wire.classList.toggle("no-value", at < (valueAt.get(id) ?? 0));
      wire.classList.toggle("no-gradient", at < (gradientAt.get(id) ?? 0));
      wire.classList.remove("now-value", "now-gradient", "growing");
      wire.querySelector(".so-far")?.remove();
    }
    for (const [id, box] of boxes) {
      box.classList.toggle("not-yet", at < (boxAt.get(id) ?? 0));
      box.classList.toggle("not-pulled", pulledAt.has(id) && at < steps.length);
      box.classList.remove("now");
    }
    for (let i = 0; i < at; i++) if (steps[i].trunk) growTrunk(steps[i], i + 1);
    if (at) mark(steps[at - 1]);
  }

  // The trunk of a branch shows the sum so far, until it is complete.
  function growTrunk(step, number) {
    const wire = wires.get(step.trunk);
    const group = wire?.querySelector(".gg-gradient");
    if (!group || at >= gradientAt.get(step.trunk)) return;
    wire.classList.add("growing");
    group.querySelector(".so-far")?.remove();
    const labels = [...group.querySelectorAll("text")].map((label) => label.getBBox());
    if (!labels.length) return;
    const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
    const left = Math.min(...labels.map((box) => box.x));
    const right = Math.max(...labels.map((box) => box.x + box.width));
    text.setAttribute("class", "so-far");
    text.setAttribute("font-size", "13");
    text.setAttribute("text-anchor", "middle");
    text.setAttribute("x", (left + right) / 2);
    text.setAttribute("y", labels[0].y + 12);
    text.textContent = `${sumText(step)} …`;
    group.append(text);
  }

  function mark(step) {
    if (step.of !== undefined) boxes.get(operations[step.of].box)?.classList.add("now");
    if (step.kind === "forward") {
      for (const id of step.wires) wires.get(id)?.classList.add("now-value");
    } else {
      wires.get(step.wire)?.classList.add("now-gradient");
    }
    bringIntoView([...picture.querySelectorAll(".now, .now-value, .now-gradient")]);
  }

  // Scrolls the picture only, and only if what is current lies outside.
  function bringIntoView(elements) {
    if (!elements.length) return;
    const frame = picture.getBoundingClientRect();
    const places = elements.map((element) => element.getBoundingClientRect());
    const [left, top] = ["left", "top"].map((side) => Math.min(...places.map((p) => p[side])));
    const [right, bottom] = ["right", "bottom"].map((s) => Math.max(...places.map((p) => p[s])));
    const aside = left < frame.left || right > frame.right;
    const above = top < frame.top || bottom > frame.bottom;
    picture.scrollBy(
      aside ? (left + right - frame.left - frame.right) / 2 : 0,
      above ? (top + bottom - frame.top - frame.bottom) / 2 : 0,
    );
  }

  // What the panel says

  function sumText(step) {
    const sum = values[step.sum].text;
    return step.parts ? `${step.parts} = ${sum}` : sum;
  }

  function receiver(step) {
    if (step.named) return step.to;
    return `input ${step.at} ${step.to.startsWith("(") ? step.to : `(${step.to})`}`;
  }

  function heading(step) {
    if (step.kind === "seed") return `seed ∂L/∂${step.to || "output"}`;
    const { op } = operations[step.of];
    if (step.kind === "forward") return `forward ${op}${step.name ? ` → ${step.name}` : ""}`;
    return `backward ${op} → ${step.named ? `input ${step.at}, ` : ""}${receiver(step)}`;
  }

  function sentence(step) {
    const text = (place) => values[place].text;
    if (step.kind === "seed") return `${text(step.result)} → ${step.to || "output"}`;
    if (step.kind === "forward") {
      const { op } = operations[step.of];
      const inputs = step.inputs.map(([name, place]) => `${name ? `${name} ` : ""}${text(place)}`);
      const left = inputs.length === 2 ? inputs.join(` ${op} `) : `${op}(${inputs.join(", ")})`;
      const right = step.value === undefined ? "" : ` = ${text(step.value)}`;
      return left + right + (step.name ? ` → ${step.name}` : "");
    }
    const up = `${step.up.map(text).join(", ")} (upstream)`;
    const isProduct = step.local !== undefined;
    const left = isProduct ? `${up} × ${text(step.local)} (local)` : `${up} by ${step.rule ?? "it"}`;
    const sum = step.count ? `; sum so far ${sumText(step)}` : "";
    return `${left} = ${text(step.result)} → ${receiver(step)}${sum}`;
  }

  function cards(step) {
    const row = make("div", "cards");
    const add = (...parts) => row.append(...parts);
    const { op } = operations[step.of] ?? {};
    if (step.kind === "seed") {
      add(card(step.result, `∂L/∂${step.to || "output"}: where backward begins`, "slope"));
    } else if (step.kind === "forward") {
      if (step.inputs.length !== 2) add(op);
      step.inputs.forEach(([name, place], i) => {
        if (i) add(step.inputs.length === 2 ? op : ",");
        add(card(place, name || "computed before"));
      });
      if (step.value !== undefined) add("=", card(step.value, `→ ${step.name || "next"}`));
    } else {
      for (const place of step.up) add(card(place, "upstream ∂L/∂out", "slope"));
      if (step.local !== undefined) {
        add("×", card(step.local, `local ${step.rule ?? "∂out/∂in"}`), "=");
      } else {
        const rule = make("div", "card rule", step.rule ?? "its rule");
        rule.append(make("small", "", "G is what comes from upstream"));
        add("→", rule, "=");
      }
      add(card(step.result, `→ ${receiver(step)}`, "slope", step));
    }
    return row;
  }

  function card(place, caption, role, step) {
    const value = values[place];
    const element = make("div", `card ${role ?? ""}`);
    if (value.cells) {
      element.append(heat(value, step));
      caption = `${value.text} · ${caption}`;
    } else {
      element.append(value.text);
    }
    element.append(make("small", "", caption));
    return element;
  }

  // Matrices

  function heat(value, step) {
    const columns = value.cells[0].length;
    const grid = make("div", "heat");
    grid.classList.toggle("large", columns <= 4 && value.cells.length <= 4);
    grid.style.gridTemplateColumns = `repeat(${columns}, max-content)`;
    const most = Math.max(...value.cells.flat().map((text) => Math.abs(text) || 0));
    value.cells.flat().forEach((text, i) => {
      const cell = make("button", "", grid.classList.contains("large") ? text : "");
      const label = `${cellName(value, i)} = ${text}`;
      cell.type = "button";
      cell.tabIndex = -1;
      cell.title = label;
      cell.setAttribute("aria-label", label);
      cell.style.setProperty("--hue", `var(--gg-${text < 0 ? "line" : "gradient"})`);
      const share = most && isFinite(most) ? Math.abs(text) / most : 0;
      cell.style.setProperty("--much", `${Math.round(100 * share)}%`);
      cell.classList.toggle("bad", !isFinite(text));
      cell.addEventListener("click", () => choose(cell, termText(step, i) ?? label));
      grid.append(cell);
    });
    return grid;
  }

  function choose(cell, text) {
    for (const other of document.querySelectorAll(".chosen")) other.classList.remove("chosen");
    cell.classList.add("chosen");
    const line = find(".element");
    if (line) line.textContent = text;
    find(".live").textContent = text;
  }

  // "[2, 0]", or the rows and columns of a block.
  function cellName(value, i) {
    const columns = value.cells[0].length;
    if (!value.blocks) return index(value.shape, i);
    const range = (starts, k) => `${starts[k]}–${starts[k + 1] - 1}`;
    const rows = range(value.blocks[0], Math.floor(i / columns));
    return `mean of rows ${rows}, columns ${range(value.blocks[1], i % columns)}`;
  }

  function index(shape, i) {
    const found = [];
    for (const length of [...shape].reverse()) {
      found.unshift(i % length);
      i = Math.floor(i / length);
    }
    return `[${found.join(", ")}]`;
  }

  // "G[0, 1] 0.5 × 1.2 + G[1, 1] 2 × 0.1 = 0.8": what one element of a contribution is made of.
  function termText(step, i) {
    const terms = step?.terms?.[i];
    if (!terms) return undefined;
    const [up, result] = [values[step.up[0]], values[step.result]];
    const products = [];
    for (let k = 0; k < terms.length; k += 2) {
      const g = `G${index(up.shape, terms[k])} ${up.cells.flat()[terms[k]]}`;
      products.push(`${g} × ${terms[k + 1]}`);
    }
    const name = `${receiver(step)} ${index(result.shape, i)}`;
    return `${name} = ${products.join(" + ") || "0"} = ${result.cells.flat()[i]}`;
  }

  function write() {
    const step = steps[at - 1];
    const title = step ? heading(step) : "nothing has been computed yet";
    const parts = [make("h2", "", `${at}/${steps.length} · ${title}`)];
    if (!step) {
      parts.push(make("p", "", "Press → for the first step."));
    } else {
      const isArray = values[step.result ?? step.value]?.cells;
      parts.push(cards(step));
      if (step.count) parts.push(sumLine(step));
      if (isArray) parts.push(make("p", "muted element", "Click an element for its sum."));
      if (step.of !== undefined) parts.push(sourceLine(operations[step.of]));
    }
    find("section").replaceChildren(...parts);
    find(".live").textContent = step ? sentence(step) : "";
  }

  function sumLine(step) {
    const [number, count] = step.count;
    const line = make("p", "sum", `Sum so far for ${step.to}: `);
    line.append(make("b", "slope", sumText(step)));
    line.append(number < count ? ` · ${number} of ${count} contributions` : " · complete");
    return line;
  }

  function sourceLine(operation) {
    const line = make("p", "muted");
    if (operation.line) line.append(`${operation.line}  `, make("code", "", operation.code));
    if (operation.module) line.append(` · in ${operation.module}`);
    return line;
  }

  // Moving

  function go(number) {
    at = Math.min(Math.max(number, 0), steps.length);
    slider.value = at;
    slider.setAttribute("aria-valuetext", at ? sentence(steps[at - 1]) : "before the first step");
    find("output").textContent = `${at} / ${steps.length}`;
    paint();
    write();
    writeHash();
  }

  function writeHash() {
    if (location.protocol === "about:") return; // inside a notebook
    try {
      history.replaceState(null, "", `#step=${at}`);
    } catch {
      // Browsers refuse this where they deem it too frequent: the hash is a convenience.
    }
  }

  function hashed() {
    return /^#step=(\d+)$/.exec(location.hash)?.[1];
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    showTimer();
  }

  function play() {
    if (timer) return stop();
    if (at === steps.length) go(0);
    timer = setInterval(() => {
      go(at + 1);
      if (at === steps.length) stop();
    }, 1000);
    showTimer();
  }

  function showTimer() {
    const button = find("[data-do=play]");
    const name = timer ? "pause" : "play";
    button.firstChild.data = timer ? "❚❚" : "▶";
    button.lastChild.textContent = ` ${name}`;
    button.setAttribute("aria-label", name);
  }

  const moves = {
    start: () => go(0),
    back: () => go(at - 1),
    next: () => go(at + 1),
    end: () => go(steps.length),
  };
  const keys = {
    ArrowRight: "next", n: "next", KeyN: "next", ArrowLeft: "back", h: "back", KeyH: "back",
    Home: "start", End: "end",
  };

  function move(name) {
    stop();
    moves[name]();
  }

  function onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " " && event.target.tagName === "BUTTON") return; // it is pressed
    // Under a Hangul layout the letters are others, and their places the same.
    const name = keys[event.key] ?? (event.key > "~" ? keys[event.code] : undefined);
    if (event.key === " ") play();
    else if (name) move(name);
    else return;
    event.preventDefault();
  }

  function changeTheme() {
    const themes = ["auto", "light", "dark"];
    const theme = themes[(themes.indexOf(document.body.dataset.theme) + 1) % themes.length];
    document.body.dataset.theme = theme;
    find("[data-do=theme]").lastChild.textContent = ` ${theme}`;
  }

  for (const button of document.querySelectorAll("nav button")) {
    const name = button.dataset.do;
    button.addEventListener("click", (event) => {
      (name === "play" ? play : name === "theme" ? changeTheme : () => move(name))();
      if (event.detail) button.blur(); // after a click with the mouse, Space plays
    });
  }
  slider.addEventListener("input", () => {
    stop();
    go(Number(slider.value));
  });
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", () => go(Number(hashed() ?? at)));
  slider.max = steps.length;
  readPicture();
  go(Number(hashed() ?? document.body.dataset.step));
})();
