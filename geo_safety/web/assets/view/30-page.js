// Small things a page does by itself, without asking the server.
(function (gs) {
  const skip = () => window.dash_clientside.no_update;
  gs.keepLanguageLinks = () => document.querySelectorAll("[data-language]").forEach(link => {
    link.href = `/language/${link.dataset.language}?next=${encodeURIComponent(location.pathname + location.search)}`;
  });
  document.addEventListener("pointerdown", gs.keepLanguageLinks, true);
  document.addEventListener("focusin", gs.keepLanguageLinks, true);

  // back and forward: the page is drawn anew from the address; a page that writes its own address does not come this way
  window.addEventListener("popstate", () => setTimeout(() => window.dash_clientside.set_props("went-back", { data: location.search }), 0));

  const darkNow = () => document.documentElement.getAttribute("data-mantine-color-scheme") === "dark";

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.geoSafety = Object.assign({}, window.dash_clientside.geoSafety, {
    writeAddress(search) {
      if (search && search !== location.search) history.pushState(null, "", search);
      gs.keepLanguageLinks();
      return skip();
    },
    toggleScheme(clicks) {
      if (!clicks) return skip();
      const scheme = darkNow() ? "light" : "dark";
      document.cookie = `scheme=${scheme}; path=/; max-age=31536000; samesite=lax`;
      return scheme;
    },
    markNavigation(at) {
      document.querySelectorAll(".gs-nav-link").forEach(link => {
        const here = new URL(link.href).pathname === at;
        here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
      });
      document.title = (document.querySelector(".gs-nav-link[aria-current] span:last-child")?.textContent || document.title.split(" · ")[0]) + " · Geo Safety";
      return "gs-nav";
    },
    draw(clicks) {
      if (clicks && gs.map && gs.map.pm) gs.map.pm.enableDraw("Polygon", { finishOn: "dblclick", allowSelfIntersection: false });
      return skip();
    },
    fitTo(bounds) {
      if (bounds && gs.map) gs.map.fitBounds([[bounds[1], bounds[0]], [bounds[3], bounds[2]]], { animate: false });
      return skip();
    },
    flyTo(place) {
      if (place && gs.map) gs.map.setView([place.latitude, place.longitude], Math.max(gs.map.getZoom(), place.zoom || 15));
      return skip();
    },
    base(name) {
      if (gs.base) gs.base.show(name);
      return skip();
    },
    copyLink(clicks, search) {
      if (!clicks) return skip();
      const address = new URL(search || location.search, location.origin + location.pathname), at = new URLSearchParams(location.search).get("at");
      const link = address.href + (at ? `&at=${at}` : "");
      const said = () => window.dash_clientside.set_props("toasts", { sendNotifications: [{ action: "show", id: "copied", message: gs.say("copied"), autoClose: 3000 }] });
      if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(link).then(said);
      else { const field = Object.assign(document.createElement("textarea"), { value: link }); document.body.append(field); field.select(); document.execCommand("copy"); field.remove(); said(); }
      return skip();
    },
    togglePanel(clicks, className) {
      if (!clicks) return skip();
      const open = "gs-open";
      return (className || "").split(" ").includes(open) ? className.replace(open, "").trim() : `${className} ${open}`;
    },
    print(clicks) {
      if (clicks) window.print();
      return skip();
    },
  });
})(window.geoSafety);
