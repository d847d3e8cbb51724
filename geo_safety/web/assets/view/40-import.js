// The import page: a file is chosen or dropped, sent with a bar that moves, and its places are brought into view.
(function (gs) {
  const place = () => document.getElementById("import-drop");
  const set = (id, props) => document.getElementById(id) && window.dash_clientside.set_props(id, props);
  let under = null; // the request that is under way

  function choose() {
    const field = Object.assign(document.createElement("input"), { type: "file", hidden: true });
    field.addEventListener("change", () => { take(field.files); field.remove(); });
    field.addEventListener("cancel", () => field.remove());
    document.body.append(field);
    field.click();
  }

  function take(files) {
    const drop = place();
    if (!drop || under || !files || !files.length) return;
    if (files.length > 1) return complain(drop.dataset.one);
    if (files[0].size > Number(drop.dataset.limit) * 1024 * 1024) return complain(drop.dataset.tooLarge);
    send(files[0], drop.dataset);
  }

  const complain = text => set("import-problem", { children: text });

  function show(text, share) {
    set("import-upload-box", { hidden: false });
    set("import-upload-text", { children: text });
    set("import-upload-bar", { value: share });
  }

  function send(file, words) {
    const request = new XMLHttpRequest(), body = new FormData();
    body.append("file", file, file.name);
    const end = text => { under = null; set("import-upload-box", { hidden: true }); complain(text); };
    request.upload.addEventListener("progress", event => {
      if (event.lengthComputable) show(`${words.sending} ${file.name} ${Math.round(100 * event.loaded / event.total)} %`, 100 * event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const answer = read(request);
      if (!answer.id) return end(answer.error || (request.status === 413 ? words.tooLarge : words.broken));
      under = null;
      show(words.reading, 100);
      window.dash_clientside.set_props("import-came", { data: answer });
    });
    request.addEventListener("error", () => end(words.broken));
    request.addEventListener("abort", () => end(words.stopped));
    complain("");
    show(`${words.sending} ${file.name}`, 0);
    under = request;
    request.open("POST", "/upload");
    request.send(body);
  }

  function read(request) {
    try { return JSON.parse(request.responseText) || {}; } catch (_) { return {}; }
  }

  document.addEventListener("click", event => {
    if (event.target.closest("#import-choose")) choose();
    if (event.target.closest(".gs-abort") && under) under.abort();
    if (event.target.closest(".gs-again") && place()) { complain(""); show(place().dataset.reading, 100); }
  });

  // a file dropped beside the box must not make the browser leave the page
  ["dragover", "drop"].forEach(kind => document.addEventListener(kind, event => {
    const drop = place();
    if (!drop) return;
    event.preventDefault();
    const inside = event.target.closest && event.target.closest("#import-drop");
    drop.classList.toggle("gs-over", kind === "dragover" && !!inside);
    if (kind === "drop" && inside) take(event.dataTransfer.files);
  }));
  document.addEventListener("dragleave", event => { if (place() && !event.relatedTarget) place().classList.remove("gs-over"); });

  // the form is drawn anew after a choice: whoever steers by keyboard goes on from the control that was left
  let last = {};
  document.addEventListener("focusin", event => {
    const at = event.target, group = at.closest("#import-body [id^='choice-']"); // a radio button has another id each time
    if (at.closest("#import-body")) last = { id: at.id, group: group && group.id, value: at.value };
  });
  function keepPlace(left = 30) {
    if (!document.activeElement || document.activeElement === document.body) {
      const group = last.group && document.getElementById(last.group);
      const again = document.getElementById(last.id) || (group && [...group.querySelectorAll("input")].find(field => field.value === last.value));
      if (again) again.focus({ preventScroll: true });
    }
    if (left) setTimeout(() => keepPlace(left - 1), 50); // React puts the new form in when it likes
  }

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.geoSafety = Object.assign({}, window.dash_clientside.geoSafety, {
    // a new step is read from its beginning, by eye and by screen reader
    beginStep() {
      const page = document.querySelector(".gs-import"), body = document.getElementById("import-body");
      if (page) page.scrollTop = 0;
      if (body) body.focus({ preventScroll: true });
      return window.dash_clientside.no_update;
    },
    fitPreview(bounds) {
      keepPlace();
      if (bounds && gs.map && document.body.contains(gs.map.getContainer())) {
        const [west, south, east, north] = bounds;
        gs.map.fitBounds([[south, west], [north, east]], { animate: false, padding: [12, 12] });
      }
      return window.dash_clientside.no_update;
    },
  });
})(window.geoSafety);
