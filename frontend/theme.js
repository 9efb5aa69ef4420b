// Runs before the first paint, so that a reader who chose a theme never sees the other one flash.
const theme = localStorage.getItem("perfleet-theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

// Paper is white whatever the theme is. What is drawn rather than styled follows the event.
let chosen;
addEventListener("beforeprint", () => {
  const { dataset } = document.documentElement;
  if (chosen === undefined) chosen = dataset.theme ?? null;
  dataset.theme = "light";
  document.body.dataset.printed = `Perfleet, printed ${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC: ${location.href}`;
  dispatchEvent(new Event("perfleet-theme"));
});
addEventListener("afterprint", () => {
  const { dataset } = document.documentElement;
  if (chosen) dataset.theme = chosen;
  else delete dataset.theme;
  chosen = undefined;
  dispatchEvent(new Event("perfleet-theme"));
});
// Who looks at the printed page without printing it is told the same.
matchMedia("print").addEventListener("change", ({ matches }) => dispatchEvent(new Event(matches ? "beforeprint" : "afterprint")));
