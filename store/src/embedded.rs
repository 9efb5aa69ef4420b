//! The adapters for one machine: SQLite for the index and the queues, apart, and a folder for
//! objects.
