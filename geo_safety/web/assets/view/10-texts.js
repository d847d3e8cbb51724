// What the server says about language and words; written into the page as data, so no inline script is needed.
window.geoSafety = window.geoSafety || {};
(function (gs) {
  const blob = document.getElementById("gs-config");
  gs.config = blob ? JSON.parse(blob.textContent) : { language: "sv", texts: {} };
  gs.say = (key, values) => (gs.config.texts[key] || key).replace(/\{(\w+)\}/g, (_, name) => (values || {})[name] ?? "");
  gs.number = value => new Intl.NumberFormat(gs.config.language === "sv" ? "sv-SE" : "en-GB").format(value);
})(window.geoSafety);
