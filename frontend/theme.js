// Runs before the first paint, so that a reader who chose a theme never sees the other one flash.
const theme = localStorage.getItem("perfleet-theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
