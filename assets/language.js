// Pages are drawn in advance in Swedish. Whoever reads another language sees nothing until the page speaks it, and not
// a flash of Swedish first. Loaded without defer; DocumentFrame in parts.js lifts the veil, or two seconds do.
(() => {
  let last = null;
  try {
    last = localStorage.getItem("language");
  } catch {
    // Storage may be closed to us; then Swedish comes first, for a moment.
  }
  if (!last || last === "sv") return;
  const { classList } = document.documentElement;
  classList.add("veiled");
  setTimeout(() => classList.remove("veiled"), 2000);
})();
