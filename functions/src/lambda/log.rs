//! The log of a function: JSON, a line for each event, with all fields of the spans that it happened
//! in beside its own. So `trace`, the request that all is done for, has the same place in every
//! line, however deep in a library it was written.

use std::fmt;
use std::io::Write;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// The environment variable that says how much is logged: `debug`, `functions=trace`.
const LOG_VARIABLE: &str = "PERFLEET_LOG";

/// Starts the log. Times are left to CloudWatch, which gives each line its own.
pub(super) fn start() {
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::registry()
        .with(filter)
        .with(JsonLines(std::io::stdout))
        .init();
}

/// Writes each event as one line of JSON.
struct JsonLines<W>(W);

/// The fields of a span or an event. Of two with one name the inner and later one stays.
#[derive(Clone, Default)]
struct Fields(Map<String, Value>);

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Fields::default();
        let spans = context.event_scope(event).map(Scope::from_root);
        for span in spans.into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.0.extend(fields.0.clone());
            }
        }
        event.record(&mut line);
        let metadata = event.metadata();
        line.keep("level", metadata.level().as_str());
        line.keep("target", metadata.target());
        let mut text = Value::Object(line.0).to_string();
        text.push('\n');
        // In one piece, so that lines of several threads do not mix. A log that cannot be written
        // has nobody to tell.
        let _ = self.0.make_writer().write_all(text.as_bytes());
    }
}

impl Fields {
    fn keep(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field.name(), format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(act: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let sink = written.clone();
        let log = tracing_subscriber::registry().with(JsonLines(move || sink.clone()));
        tracing::subscriber::with_default(log, act);
        let bytes = written.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn a_line_that_is_written_deep_in_a_library_names_the_request_at_its_top() {
        let lines = lines(|| {
            let span = tracing::info_span!("ingest", trace = tracing::field::Empty, key = "k");
            let _in_span = span.enter();
            span.record("trace", "a-request");
            tracing::info_span!("call", service = "s3", attempt = 2)
                .in_scope(|| tracing::warn!(milliseconds = 7, "\"slow\"\nvery"));
        });
        let [line] = lines.as_slice() else {
            panic!("one event is one line: {lines:?}");
        };
        assert_eq!(line["trace"], "a-request");
        assert_eq!(line["key"], "k");
        assert_eq!(line["attempt"], 2);
        assert_eq!(line["milliseconds"], 7);
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "\"slow\"\nvery");
    }

    #[test]
    fn what_a_line_says_itself_stands_before_what_its_spans_say() {
        let lines = lines(|| {
            tracing::info_span!("outer", trace = "of the span")
                .in_scope(|| tracing::info!(trace = "of the line", "done"));
            tracing::info!("outside");
        });
        assert_eq!(lines[0]["trace"], "of the line");
        assert_eq!(lines[1].get("trace"), None);
    }
}
