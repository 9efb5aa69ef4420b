//! What every adapter must do, as tests that take the ports.
