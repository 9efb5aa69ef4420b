//! The pages that a reader can go to from anywhere, by what they are called.

/// What a page is called, and its address.
pub(crate) type Place = (&'static str, &'static str);

/// What the navigation holds.
pub(crate) const NAVIGATION: [Place; 10] = [
    ("Overview", "/"),
    ("Compare", "/compare"),
    ("Graphs", "/graphs"),
    ("Test case", "/test-case"),
    ("Triage", "/triage"),
    ("Status", "/status"),
    ("Releases", "/releases"),
    ("Toolchain", "/toolchain"),
    ("Artifacts", "/artifacts"),
    ("Help", "/help"),
];

/// What else the palette leads to.
pub(crate) const BELOW: [Place; 1] = [("Weekly report of triage", "/triage/report")];
