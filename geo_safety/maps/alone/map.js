// The stand-alone map. All data stand in the page as JSON; every word from them is put in as text, never as HTML.
function geoSafety(map) {
  const data = JSON.parse(document.getElementById("gs-data").textContent);
  const paper = data.paper;
  const locale = data.language === "sv" ? "sv-SE" : "en-GB";
  const box = map.getContainer();
  box.setAttribute("role", "application");
  box.setAttribute("aria-label", data.texts.map);

  const pane = (name, z) => {
    const made = map.createPane(name);
    made.style.zIndex = z;
    made.style.pointerEvents = "none";
  };
  pane("gs-ground", 200);
  pane("gs-names", 640);
  box.style.background = paper.land;
  L.control.zoom({ position: "topright", zoomInTitle: data.texts.zoom_in, zoomOutTitle: data.texts.zoom_out }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);

  // ---- the ground
  const GROUND = ["land", "forest", "built", "park", "water", "building"];
  const WIDTH = { path: [0.4, 1.6], local: [0.6, 4.5], railway: [1, 2], main: [1.8, 7] };
  const far = { building: 15, path: 14, local: 12.5 };
  const canvas = L.canvas({ pane: "gs-ground", padding: 0.3 });
  const ground = [];
  const named = [];
  const width = role => {
    const [thin, wide] = WIDTH[role];
    return thin + (wide - thin) * Math.min(1, Math.max(0, (map.getZoom() - 11) / 6));
  };
  const area = role => ({ renderer: canvas, interactive: false, stroke: role === "building", weight: 0.5, color: paper.casing,
    fillColor: paper[role], fillOpacity: 1 });
  const street = (role, casing) => ({ renderer: canvas, interactive: false, color: casing ? paper.casing : paper[role], lineCap: "round",
    weight: width(role) + (casing ? 1.4 : 0), dashArray: role === "railway" ? "6 4" : role === "path" ? "3 3" : null });
  const lay = (role, style, restyle) => {
    const shapes = data.ground[role];
    if (!shapes) return;
    const layer = L.geoJSON(shapes.map(geometry => ({ type: "Feature", geometry, properties: {} })), { style });
    ground.push({ layer, role, restyle });
  };
  GROUND.forEach(role => lay(role, area(role)));
  ["local", "main"].forEach(role => lay(role, street(role, true), () => street(role, true)));
  ["path", "local", "railway", "main"].forEach(role => lay(role, street(role), () => street(role)));
  data.names.forEach(([text, rank, lng, lat]) => {
    const label = document.createElement("span");
    label.textContent = text;
    named.push({ rank, marker: L.marker([lat, lng], { pane: "gs-names", interactive: false, keyboard: false,
      icon: L.divIcon({ className: "gs-name gs-name-" + rank, html: label, iconSize: null }) }) });
  });
  const toggle = (layer, on) => on ? map.addLayer(layer) : map.removeLayer(layer);
  function refresh() {
    const zoom = map.getZoom();
    ground.forEach(({ layer, role, restyle }) => {
      toggle(layer, zoom >= (far[role] || 0));
      if (restyle) layer.setStyle(restyle());
    });
    veins.forEach(({ layer, style }) => layer.setStyle(style()));
    dots.forEach(dot => dot.setRadius(reach()));
    named.forEach(({ rank, marker }) => toggle(marker, zoom >= [0, 0, 12.5, 15][rank]));
  }

  // ---- the layers
  const overlay = L.canvas({ padding: 0.3 });
  const hatching = (() => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = data.missing;
    pen.lineWidth = 1.2;
    pen.beginPath();
    [-8, 0, 8].forEach(x => { pen.moveTo(x - 1, 9); pen.lineTo(x + 9, -1); });
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  })();
  const value = (column, i) => {
    const raw = column.words ? column.words[column.data[i]] : column.data[i];
    if (raw === null || raw === undefined) return null;
    if (typeof raw !== "number") return raw;
    const decimals = column.decimals === null ? (Math.abs(raw) >= 10 ? 1 : 2) : column.decimals;
    return raw.toLocaleString(locale, { maximumFractionDigits: decimals, useGrouping: column.grouped }) + (column.unit ? " " + column.unit : "");
  };
  function about(layer, i) {
    const table = document.createElement("table");
    table.className = "gs-about";
    const caption = table.createCaption();
    caption.textContent = (layer.label === null ? null : value(layer.columns[layer.label], i)) || layer.title;
    layer.columns.forEach((column, c) => {
      const said = value(column, i);
      if (said === null || c === layer.label) return;
      const row = table.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = column.title;
      row.appendChild(head);
      row.insertCell().textContent = said;
    });
    return table;
  }
  function tip(layer, i) {
    const element = document.createElement("div");
    [layer.label, layer.coloured].forEach(c => {
      const said = c === null || c === undefined ? null : value(layer.columns[c], i);
      if (said === null) return;
      const line = element.appendChild(document.createElement("div"));
      line.textContent = element.childElementCount > 1 ? layer.columns[c].title + ": " + said : said;
    });
    if (!element.childElementCount) element.textContent = layer.title;
    return element;
  }
  const SHAPES = { circle: "M10 1a9 9 0 1 1 0 18a9 9 0 0 1 0-18z", square: "M2.5 2.5h15v15h-15z", triangle: "M10 1l9.5 17h-19z",
    diamond: "M10 0l10 10l-10 10l-10-10z", pentagon: "M10 .5l9.5 7l-3.6 11.5h-11.8l-3.6-11.5z", down: "M10 19l9.5-17h-19z" };
  function sign(shape, letter, colour) {
    const NS = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(NS, "svg");
    svg.setAttribute("viewBox", "-1 -1 22 22");
    const path = svg.appendChild(document.createElementNS(NS, "path"));
    Object.entries({ d: SHAPES[shape] || SHAPES.circle, fill: colour, stroke: paper.halo, "stroke-width": 1.4 }).forEach(([k, v]) => path.setAttribute(k, v));
    if (letter) {
      const text = svg.appendChild(document.createElementNS(NS, "text"));
      Object.entries({ x: 10, y: shape === "triangle" ? 15.5 : 14, "text-anchor": "middle", fill: paper.halo, "font-size": 11, "font-weight": 700 })
        .forEach(([k, v]) => text.setAttribute(k, v));
      text.textContent = letter;
    }
    return svg;
  }
  function style(layer, i) {
    const k = layer.k[i];
    if (layer.shape === "area") {
      if (k < 0) return { renderer: overlay, fillColor: hatching, fillOpacity: 1, color: data.missing, weight: 0.8 };
      const quiet = layer.quiet.includes(k);
      return { renderer: overlay, fillColor: layer.colours[k], fillOpacity: layer.opacity * (quiet ? 0.45 : 1), color: paper.halo,
        weight: layer.k.length > 600 ? 0.3 : 1.2 };
    }
    return { renderer: overlay, color: layer.colours[Math.max(0, k)], weight: 3, fillOpacity: 0.12, dashArray: layer.shape === "point" ? "6 4" : null };
  }
  const dots = [];
  const reach = () => Math.min(6, Math.max(2.5, (map.getZoom() - 8) * 0.9));     // small from afar, so that a town stays visible under its dots
  function point(layer, i, place) {
    const k = Math.max(0, layer.k[i]);
    const look = layer.signs[k] || { shape: layer.sign, letter: "" };
    if (look.shape === "circle" && !look.letter || layer.k.length > 2000) {
      const many = layer.k.length > 3000;
      const dot = L.circleMarker(place, { renderer: overlay, radius: reach(), stroke: !many, color: paper.halo, weight: 1.2,
        fillColor: layer.colours[k], fillOpacity: many ? 0.5 : 0.95 });
      dots.push(dot);
      return dot;
    }
    const size = look.letter ? 24 : 15;
    const name = layer.label === null ? layer.title : String(value(layer.columns[layer.label], i) || layer.title);
    return L.marker(place, { title: name, alt: name, keyboard: Boolean(look.letter),
      icon: L.divIcon({ className: "gs-sign", html: sign(look.shape, look.letter, layer.colours[k]), iconSize: [size, size] }) });
  }
  const groups = data.layers.map(layer => {
    const group = L.featureGroup();
    layer.geometries.forEach((geometry, i) => {
      const parts = geometry.type === "Point"
        ? [point(layer, i, [geometry.coordinates[1], geometry.coordinates[0]])]
        : L.geoJSON(geometry, { style: () => style(layer, i) }).getLayers()
          .concat(layer.shape === "point" ? [point(layer, i, [layer.places[i][1], layer.places[i][0]])] : []);
      parts.forEach(part => { part.gs = [layer, i]; group.addLayer(part); });
    });
    group.bindPopup(part => about(...part.gs), { maxWidth: 380 });
    if (L.Browser.pointer && !L.Browser.mobile) group.bindTooltip(part => tip(...part.gs), { sticky: true });
    return group;
  });
  const boxes = Array.from(document.querySelectorAll("input[data-layer]"));
  const wanted = i => { const found = boxes.find(b => +b.dataset.layer === i); return !found || found.checked; };
  // water and streets once more above coloured areas, so that a place is recognised through them
  const veins = [];
  const vein = (role, style) => {
    if (data.ground[role]) veins.push({ style, layer: L.geoJSON(data.ground[role].map(geometry => ({ type: "Feature", geometry, properties: {} })), { style }) });
  };
  vein("water", () => ({ renderer: overlay, interactive: false, stroke: false, fillColor: paper.water, fillOpacity: 0.85 }));
  ["local", "railway", "main"].forEach(role => vein(role, () => ({ ...street(role), renderer: overlay, opacity: 0.35,
    stroke: map.getZoom() >= (far[role] || 0) })));
  function draw() {   // in order, so that what is switched on again lies where it lay
    groups.forEach(group => map.removeLayer(group));
    veins.forEach(({ layer }) => map.removeLayer(layer));
    const put = areas => groups.forEach((group, i) => (data.layers[i].shape === "area") === areas && wanted(i) && map.addLayer(group));
    put(true);
    if (data.layers.some((layer, i) => layer.shape === "area" && wanted(i))) veins.forEach(({ layer }) => map.addLayer(layer));
    put(false);
  }
  boxes.forEach(b => b.addEventListener("change", draw));
  document.querySelectorAll("svg[data-sign]").forEach(svg => svg.replaceWith(sign(svg.dataset.sign, svg.dataset.letter, svg.dataset.colour)));

  const sheet = document.getElementById("gs-sheet");
  document.getElementById("gs-open-sheet").addEventListener("click", () => sheet.showModal());
  document.getElementById("gs-close-sheet").addEventListener("click", () => sheet.close());

  // the rim that shows where the keyboard is stays away while a pointer is used
  addEventListener("pointerdown", () => document.body.classList.add("gs-pointing"), true);
  addEventListener("keydown", () => document.body.classList.remove("gs-pointing"), true);
  map.on("popupopen popupclose", event => box.classList.toggle("gs-reading", event.type === "popupopen"));
  map.on("zoomend", refresh);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  map.invalidateSize({ animate: false });
  map.fitBounds(data.bounds, { padding: [12, 12], animate: false });
  refresh();
  draw();
  document.body.dataset.ready = "1";
}
