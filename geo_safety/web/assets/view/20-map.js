// The map: everything beside the four dash-leaflet components is plain Leaflet in this file.
(function (gs) {
  const L = window.L;
  if (!L) return;

  L.Map.addInitHook(function () {
    const map = this;
    const box = map.getContainer();
    gs.map = map;
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", gs.say("map"));
    makePane(map, "gs-base", 200, "none");
    makePane(map, "gs-cells", 390);
    makePane(map, "gs-names", 590, "none");
    makePane(map, "gs-drawn", 450);
    gs.canvas = L.canvas({ pane: "gs-cells", padding: 0.2 });
    L.control.zoom({ position: "topright", zoomInTitle: gs.say("zoom_in"), zoomOutTitle: gs.say("zoom_out") }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    if (map.attributionControl) map.attributionControl.setPrefix(false);
    fitOnce(map, box);
    watch(map, new ResizeObserver(() => map.invalidateSize({ animate: false }))).observe(box);
    map.on("moveend", () => remember(map));
    setUpDrawing(map);
    gs.base = baseMap(map);
    const wish = box.closest("[data-base]");
    gs.base.show(wish ? wish.dataset.base : "vector");
    settle(map, box);
    foldLegend(map, box);
  });

  // on a low map the legend would cover what it explains
  function foldLegend(map, box) {
    const legend = box.closest(".gs-map-box")?.querySelector(".gs-legend");
    const fold = watch(map, new ResizeObserver(() => {
      if (!box.clientHeight) return;
      fold.disconnect();
      if (legend && box.clientHeight < 400) legend.open = false;
    }));
    fold.observe(box);
  }

  // what watches a map must end with it: the page may be drawn anew at any time
  function watch(map, observer) {
    map.on("unload", () => observer.disconnect());
    return observer;
  }

  // the box has no size yet when the map is made; what was asked for is fitted once it has
  function fitOnce(map, box) {
    const wish = (box.closest("[data-bounds]") || { dataset: {} }).dataset.bounds;
    if (!wish) return;
    const [west, south, east, north] = wish.split(",").map(Number);
    const fit = watch(map, new ResizeObserver(() => {
      if (!box.clientWidth || !box.clientHeight) return;
      fit.disconnect();
      map.invalidateSize({ animate: false });
      map.fitBounds([[south, west], [north, east]], { animate: false, padding: [12, 12] });
    }));
    fit.observe(box);
  }

  function makePane(map, name, zIndex, events) {
    const pane = map.createPane(name);
    pane.style.zIndex = zIndex;
    if (events) pane.style.pointerEvents = events;
  }

  // data-ready tells tests and the print view that the layers asked for have arrived and been drawn
  function settle(map, box) {
    let quiet;
    const wrapper = box.closest(".gs-map");
    const again = () => {
      if (wrapper) wrapper.removeAttribute("data-ready");
      clearTimeout(quiet);
      quiet = setTimeout(() => wrapper && wrapper.setAttribute("data-ready", "1"), 250);
    };
    map.on("layeradd layerremove", again);
    again();
  }

  function remember(map) {
    const centre = map.getCenter();
    const at = `${+map.getZoom().toFixed(2)},${centre.lat.toFixed(5)},${centre.lng.toFixed(5)}`;
    const address = new URL(location.href);
    address.searchParams.set("at", at);
    history.replaceState(history.state, "", address.pathname + "?" + tidy(address.searchParams));
    gs.keepLanguageLinks && gs.keepLanguageLinks();
    if (document.getElementById("map-at")) window.dash_clientside.set_props("map-at", { data: at });
  }

  const tidy = parameters => parameters.toString().replace(/%2C/g, ",").replace(/%2F/g, "/").replace(/%3B/g, ";").replace(/%3A/g, ":");

  // ---- base map: our own vector layer, drawn on one canvas under everything; details appear when they can be told apart
  const PAPER = { light: { land: "#f4f2ec", water: "#a9cfe8", forest: "#dcead3", park: "#cfe6bf", built: "#ece8df", building: "#d9d2c5", main: "#ffffff",
    local: "#ffffff", path: "#b9a98f", railway: "#8b8b8b", casing: "#cfc8ba", text: "#3c3a36", halo: "#ffffff" },
  dark: { land: "#22262b", water: "#1b3a50", forest: "#24322a", park: "#2a3f2c", built: "#2b2f35", building: "#3a3f47", main: "#59616b",
    local: "#454c55", path: "#6b604c", railway: "#777", casing: "#1a1d21", text: "#d4d7db", halo: "#1a1d21" } };
  const AREAS = ["land", "forest", "built", "park", "water", "building"];
  const WIDTH = { main: [2, 7], local: [0.8, 4.5], path: [0.5, 1.6], railway: [1.2, 2] };

  function baseMap(map) {
    const canvas = L.canvas({ pane: "gs-base", padding: 0.3 });
    const overview = L.layerGroup(), detail = L.layerGroup(), names = L.layerGroup();
    let kind = "none", tiles = null, loaded = false, collections = [];
    const scheme = () => document.documentElement.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light";
    const style = feature => {
      const role = feature.properties.role, colours = PAPER[scheme()];
      if (AREAS.includes(role)) return { renderer: canvas, stroke: role === "building", weight: 0.5, color: colours.casing, fillColor: colours[role], fillOpacity: 1 };
      const zoom = map.getZoom(), [thin, wide] = WIDTH[role] || [1, 2];
      const weight = thin + (wide - thin) * Math.min(1, Math.max(0, (zoom - 11) / 6));
      return { renderer: canvas, color: colours[role] || colours.local, weight, opacity: 1, dashArray: role === "railway" ? "6 4" : role === "path" ? "3 3" : null };
    };
    const draw = (group, data) => {
      const drawn = L.geoJSON(data.filter(f => f.properties.role !== "name"), { interactive: false, pane: "gs-base", style });
      collections.push(drawn);
      group.addLayer(drawn);
    };
    const order = data => data.sort((a, b) => (AREAS.indexOf(a.properties.role) + 1 || 9) - (AREAS.indexOf(b.properties.role) + 1 || 9));
    async function load() {
      if (loaded) return;
      loaded = true;
      for (const [group, part] of [[overview, "overview"], [detail, "detail"]]) {
        const answer = await fetch(`/base/vector/${part}.json`);
        if (!answer.ok) continue;
        const data = order((await answer.json()).features);
        if (gone) return;
        draw(group, data);
        data.filter(f => f.properties.role === "name").forEach(name);
      }
      refresh();
    }
    function name(feature) {
      const [lng, lat] = feature.geometry.coordinates, rank = feature.properties.rank || 3;
      const label = document.createElement("span");
      label.textContent = feature.properties.name;
      names.addLayer(Object.assign(L.marker([lat, lng], { pane: "gs-names", interactive: false, keyboard: false,
        icon: L.divIcon({ className: `gs-name gs-name-${rank}`, html: label, iconSize: null }) }), { rank }));
    }
    let gone = false;
    map.on("unload", () => { gone = true; });
    function refresh() {
      if (gone) return;
      const vector = kind === "vector", zoom = map.getZoom();
      toggle(overview, vector);
      toggle(detail, vector && zoom >= 13);
      toggle(names, kind !== "none");
      thinOut();
      collections.forEach(c => c.setStyle(style));
      map.getContainer().style.background = kind === "none" ? "" : PAPER[scheme()].land;
    }
    // names that would lie on each other: the more important stays, as on a printed map
    function thinOut() {
      const zoom = map.getZoom(), taken = [];
      for (const label of names.getLayers().sort((a, b) => a.rank - b.rank)) {
        const element = label.getElement();
        if (!element) continue;
        const { x, y } = map.latLngToContainerPoint(label.getLatLng());
        const half = [4.6, 4.6, 3.9, 3.4][label.rank] * element.textContent.length, box = [x - half, y - 9, x + half, y + 9];
        const free = zoom >= [0, 0, 11.5, 14.5][label.rank] && !taken.some(t => t[0] < box[2] && box[0] < t[2] && t[1] < box[3] && box[1] < t[3]);
        element.hidden = !free;
        if (free) taken.push(box);
      }
    }
    const toggle = (layer, on) => on ? map.addLayer(layer) : map.removeLayer(layer);
    map.on("zoomend", refresh);
    watch(map, new MutationObserver(refresh)).observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
    return {
      show(wish) {
        kind = wish || "vector";
        if (tiles) { map.removeLayer(tiles); tiles = null; }
        if (kind === "vector") load();
        else if (kind !== "none") {
          const about = (gs.config.bases || {})[kind] || {};
          tiles = L.tileLayer(`/base/tiles/${encodeURIComponent(kind)}/{z}/{x}/{y}`, { maxZoom: 20, attribution: about.attribution || "", className: "gs-tiles" }).addTo(map);
        }
        refresh();
      },
    };
  }

  // ---- drawing an own area: the server checks it and is the truth about it
  function setUpDrawing(map) {
    if (!map.pm) return;
    map.pm.setLang(gs.config.language === "sv" ? "sv" : "en");
    map.pm.setGlobalOptions({ snappable: false, continueDrawing: false });
    map.on("pm:create", event => {
      const ring = event.layer.getLatLngs()[0].map(p => [+p.lng.toFixed(5), +p.lat.toFixed(5)]);
      map.removeLayer(event.layer);
      window.dash_clientside.set_props("drawn", { data: ring });
    });
    map.on("pm:drawstart", () => map.getContainer().classList.add("gs-drawing"));
    map.on("pm:drawend", () => map.getContainer().classList.remove("gs-drawing"));
  }

  // ---- how features look and what they say; texts are put in as text, never as HTML
  const line = (text, className) => Object.assign(document.createElement("div"), { textContent: text, className: className || "" });
  function tooltip(layer, rows, options) {
    const box = document.createElement("div");
    rows.filter(Boolean).forEach((row, i) => box.appendChild(line(row, i ? "" : "gs-tip-title")));
    layer.bindTooltip(box, Object.assign({ sticky: true, className: "gs-tip", opacity: 1 }, options));
  }
  const dark = () => document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";
  const colour = (look, k) => ((dark() && look.dark) || look.colours || [])[k];
  const chosen = (context, feature, key) => context.hideout && String(context.hideout.chosen) === String(feature.properties[key]);

  gs.styleArea = function (feature, context) {
    const look = context.hideout || {}, k = feature.properties.k, here = chosen(context, feature, "code");
    const missing = k === null || k === undefined;
    return { fillColor: missing ? "#adb5bd" : colour(look, k) || "#adb5bd", fillOpacity: missing ? 0.15 : look.opacity ?? 0.6,
      color: here ? (dark() ? "#fff" : "#111") : look.line || "#ffffff", weight: here ? 3.5 : 1.2, opacity: 1, dashArray: missing && !here ? "4 4" : null };
  };
  gs.onArea = (feature, layer) => { tooltip(layer, feature.properties.tip || [feature.properties.name]); if (layer.bringToBack) layer.once("add", () => layer.bringToBack()); };
  gs.styleCell = function (feature, context) {
    const look = context.hideout || {}, k = feature.properties.k, here = chosen(context, feature, "cell");
    const none = k === null || k === undefined;
    if (feature.geometry.type.endsWith("LineString")) {
      return { color: here ? (dark() ? "#fff" : "#111") : none ? "#868e96" : colour(look, k), weight: here ? 8 : none || !feature.properties.hot ? 2 : 5,
        opacity: none ? 0.4 : 0.9, lineCap: "butt" };
    }
    return { renderer: gs.canvas, fillColor: none ? "#868e96" : colour(look, k), fillOpacity: none ? 0.04 : look.opacity ?? 0.7,
      color: here ? (dark() ? "#fff" : "#111") : none ? "#868e96" : "#ffffff", weight: here ? 3 : 0.4, opacity: none && !here ? 0.25 : 0.8 };
  };
  gs.cellsDrawn = () => Object.values(gs.map._layers).filter(layer => layer.options && layer.options.renderer === gs.canvas).length;
  gs.onCell = (feature, layer) => tooltip(layer, feature.properties.tip || []);
  const roles = { treated: ["#d9480f", null, 0.25], control: ["#1864ab", null, 0.25], ring: ["#d9480f", "6 5", 0.06], control_ring: ["#1864ab", "6 5", 0.06] };
  gs.stylePlace = function (feature) {
    const [stroke, dashes, fill] = roles[feature.properties.role] || roles.treated;
    return { color: stroke, weight: 2.5, dashArray: dashes, fillColor: stroke, fillOpacity: fill };
  };
  gs.styleDrawn = () => ({ pane: "gs-drawn", color: "#d9480f", weight: 3, dashArray: "8 5", fill: false, interactive: false });
  gs.styleLine = () => ({ color: "#6741d9", weight: 3, opacity: 0.8, dashArray: "2 6", interactive: false });

  const round = (size, className, label) => L.divIcon({ className: `gs-cluster ${className}`, html: label, iconSize: [size, size] });
  gs.cluster = function (feature, latlng, index) {
    const n = feature.properties.point_count, label = document.createElement("span");
    label.textContent = n >= 10000 ? gs.number(Math.round(n / 1000)) + (gs.config.language === "sv" ? " t" : "k") : gs.number(n);
    const size = 26 + 7 * Math.min(4, Math.log10(n));
    const marker = L.marker(latlng, { icon: round(size, `gs-cluster-${Math.min(4, Math.floor(Math.log10(n)))}`, label), keyboard: false });
    tooltip(marker, [gs.say("incidents_here", { n: gs.number(n) }), gs.say("click_to_zoom")]);
    return marker;
  };
  gs.incident = function (feature, latlng, context) {
    const here = chosen(context, feature, "id");
    const marker = L.circleMarker(latlng, { radius: here ? 9 : 6, color: "#ffffff", weight: here ? 3 : 1.5, fillColor: here ? "#d9480f" : "#2b4a72", fillOpacity: 0.95 });
    tooltip(marker, [feature.properties.t]);
    return marker;
  };
  gs.coarse = function (feature, latlng) {
    const label = document.createElement("span");
    label.textContent = "+" + gs.number(feature.properties.n);
    const marker = L.marker(latlng, { icon: L.divIcon({ className: "gs-coarse", html: label, iconSize: null }), keyboard: false });
    tooltip(marker, [feature.properties.name, gs.say("coarse_here", { n: gs.number(feature.properties.n) })]);
    return marker;
  };
  gs.finding = function (feature, latlng) {
    const marker = L.marker(latlng, { title: feature.properties.title, alt: feature.properties.title, keyboard: false,
      icon: L.divIcon({ className: `gs-finding gs-finding-${feature.properties.experience || "unknown"}`, html: "", iconSize: [22, 22] }) });
    tooltip(marker, [feature.properties.title, feature.properties.text]);
    return marker;
  };
  gs.measure = function (feature, latlng) {
    const sign = document.createElement("span");
    sign.className = `gs-icon gs-icon-${feature.properties.icon}`;
    const marker = L.marker(latlng, { title: feature.properties.title, alt: feature.properties.title, keyboard: false,
      icon: L.divIcon({ className: `gs-measure gs-measure-${feature.properties.stage}`, html: sign, iconSize: [30, 30] }) });
    tooltip(marker, [feature.properties.title, feature.properties.status]);
    return marker;
  };
})(window.geoSafety);
