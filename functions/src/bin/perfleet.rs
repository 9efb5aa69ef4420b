//! `perfleet`: the server on one machine, and the administrator's command line.

fn main() {}
