"""Style, script and policy of an exported view.

The script runs inside Leaflet's own tag: the policy allows no further one.
"""

from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

INK, PAPER = "#0a1016", "#101418"
FONT = "'Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif"

STYLE = f"""
html, body {{ height: 100%; margin: 0; background: {PAPER}; color: #e6edf5; font: 14px/1.5 {FONT}; }}
.folium-map {{ position: absolute !important; left: 0 !important; top: 0 !important;
  width: calc(100% - 500px) !important;
  height: 100% !important; }}
.leaflet-container {{ background: {PAPER}; font: inherit; }}
.name {{ position: absolute; transform: translate(-50%, -50%); color: #c9d4e0; font: 12px/1.2 {FONT};
  white-space: nowrap;
  text-shadow: 0 0 3px {PAPER}, 0 0 3px {PAPER}; pointer-events: none; }}
.name[data-rank="0"] {{ color: #fff; font-size: 17px; font-weight: 650; }}
.name[data-rank="1"] {{ color: #eaf2f7; font-size: 14px; font-weight: 600; }}
.name.hidden {{ visibility: hidden; }}
.bunch {{ display: grid; place-items: center; width: 30px; height: 30px; margin: -15px 0 0 -15px;
  border: 2px solid {INK};
  border-radius: 50%; color: {INK}; font: 700 13px/1 {FONT}; }}
.side {{ position: absolute; z-index: 1000; right: 0; top: 0; box-sizing: border-box; width: 500px; height: 100%;
  padding: 16px 18px; overflow-y: auto; background: #1b222b; }}
.sheet h1 {{ font-size: 20px; line-height: 1.3; margin: 0 0 8px; }}
.side h2 {{ font-size: 15px; margin: 14px 0 4px; }}
.sheet dl {{ display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0 0 8px; }}
.sheet dt, .side th {{ color: #9fb0c3; font-weight: 500; }} .sheet dd {{ margin: 0; }}
.sheet ul {{ list-style: none; margin: 0; padding: 0; }}
.sheet li {{ display: flex; align-items: center; gap: 8px; }}
.sheet li.group {{ margin-top: 4px; font-weight: 600; }}
.sheet i {{ box-sizing: border-box; flex: none; width: 14px; height: 14px; border: 1.5px solid transparent;
  border-radius: 3px;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
.sheet i.disc {{ border-radius: 50%; }}
.side table {{ width: 100%; border-collapse: collapse; font-size: 12.5px; line-height: 1.35; }}
.side th, .side td {{ padding: 3px 8px 3px 0; border-top: 1px solid #303b47; text-align: left; vertical-align: top; }}
.side td:first-child, .side td:nth-child(4) {{ white-space: nowrap; }}
.side td:nth-child(2) {{ min-width: 6em; }}
.side td:last-child {{ font-size: 11px; white-space: nowrap; }}
.leaflet-control-layers-toggle {{ display: grid; place-items: center; width: 34px; height: 34px; color: #e6edf5; }}
.leaflet-control-layers-toggle::after {{ content: "☰"; font-size: 18px; }}
.leaflet-control-layers, .leaflet-bar a, .leaflet-control-scale-line {{ background: #1b222b; color: #e6edf5; }}
.leaflet-bar a, .leaflet-control-scale-line, .leaflet-control-layers {{ border-color: #3a4654; }}
.leaflet-control-scale-line {{ font-size: 12px; text-shadow: none; }}
.leaflet-control-attribution {{ display: none; }}
@media (width < 60rem) and screen {{
  .folium-map {{ width: 100% !important; height: 60% !important; }}
  .side {{ top: 60%; width: 100%; height: auto; min-height: 40%; }}
}}
@page {{ size: A4 landscape; margin: 10mm; }}
@media print {{
  html, body {{ height: auto; background: #fff; color: #111; }}
  body {{ display: flex; flex-direction: column; }}
  .folium-map {{ position: relative !important; width: 277mm !important; height: 128mm !important;
    order: 1; flex: none; break-after: page; }}
  .leaflet-container {{ background: #fff; border: 1px solid #999; print-color-adjust: exact;
  -webkit-print-color-adjust: exact; }}
  .name, .name[data-rank] {{ color: #111; text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff; }}
  .side {{ display: contents; }}
  .sheet dl {{ display: block; columns: 3; }} .sheet dt, .sheet dd {{ display: inline; }}
  .sheet dt {{ margin-right: 8px; }}
  .sheet dd::after {{ content: ""; display: block; }}
  .sheet ul {{ columns: 4; }} .sheet h2 {{ margin: 4px 0; }} .list {{ order: 2; }}
  .sheet dt, .side th {{ color: #444; }} .side th, .side td {{ border-color: #bbb; }}
  .side tr {{ break-inside: avoid; }} .side thead {{ display: table-header-group; }}
  .leaflet-control-zoom, .leaflet-control-layers {{ display: none; }}
  .leaflet-control-scale-line {{ background: #fff; color: #111; }}
}}
"""

SCRIPT = """
L.Marker.prototype.options.icon = L.divIcon();
L.Control.Scale.prototype.options.imperial = false;
L.Map.prototype.options.zoomSnap = 0.25;
L.Map.addInitHook(function () {
  const map = this, APART = 34, GAP = 4;
  let bunches = [], queued = false, first = null, home = null;
  /* Names by rank, then by place: one that would lie on another is not shown at this zoom. */
  function thin() {
    const taken = [];
    const names = [...map.getContainer().querySelectorAll(".name")];
    names.sort((a, b) => Number(a.dataset.rank) - Number(b.dataset.rank));
    for (const name of names) {
      const early = name.dataset.near !== undefined && map.getZoom() < first + 1.5;
      name.classList.toggle("hidden", early);
      if (early) continue;
      const box = name.getBoundingClientRect();
      const meets = (other) => box.left < other.right + GAP && box.right + GAP > other.left
        && box.top < other.bottom + GAP && box.bottom + GAP > other.top;
      if (taken.some(meets)) name.classList.add("hidden");
      else taken.push(box);
    }
  }
  function marks() {
    const found = [];
    map.eachLayer((layer) => {
      const is = layer.feature && layer.feature.properties.bunch !== undefined && layer.getLatLng;
      if (is) found.push(layer);
    });
    return found.sort((a, b) => a.feature.properties.bunch - b.feature.properties.bunch);
  }
  function show(mark, is) { const path = mark.getElement(); if (path) path.style.display = is ? "" : "none"; }
  /* Incidents nearer to each other than a mark is wide stand as one number, in the colour of the most urgent. */
  function bunch() {
    for (const one of bunches) one.remove();
    bunches = [];
    const groups = [];
    for (const mark of marks()) {
      const at = map.latLngToLayerPoint(mark.getLatLng());
      const near = groups.find((group) => group.at.distanceTo(at) < APART);
      if (near) near.marks.push(mark); else groups.push({ at, marks: [mark] });
    }
    for (const { marks } of groups) {
      for (const mark of marks) show(mark, marks.length === 1);
      if (marks.length === 1) continue;
      const icon = L.divIcon({ className: "", iconSize: [0, 0],
        html: `<span class="bunch" style="background:${marks[0].feature.properties.colour}">${marks.length}</span>` });
      const one = L.marker(marks[0].getLatLng(), { icon, zIndexOffset: 1000 }).addTo(map);
      const around = L.latLngBounds(marks.map((mark) => mark.getLatLng())).pad(0.2);
      one.on("click", () => map.fitBounds(around, { maxZoom: map.getZoom() + 3 }));
      bunches.push(one);
    }
  }
  function arrange() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => { queued = false;
      first ??= map.getZoom();
      home ??= map.getBounds();
      bunch();
      thin();
    });
  }
  map.whenReady(() => { map.on("zoomend moveend resize overlayadd overlayremove", arrange); setTimeout(arrange, 0); });
  window.addEventListener("load", arrange);
  window.addEventListener("beforeprint", () => {
    const isWhole = map.getZoom() === first;
    map.invalidateSize({ animate: false });
    if (isWhole && home) map.fitBounds(home, { animate: false });
    bunch();
    thin();
  });
});
"""


class _Scripts(HTMLParser):
    """Collects the text of every script of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script"
        if self._inside:
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = False


def policy_of(page: str) -> str:
    """Return the content security policy that allows a page's own scripts, by digest, and no requests."""
    found = _Scripts()
    found.feed(page)
    digests = {b64encode(sha256(script.encode()).digest()).decode() for script in found.scripts}
    scripts = " ".join(f"'sha256-{digest}'" for digest in sorted(digests))
    return f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data:"
