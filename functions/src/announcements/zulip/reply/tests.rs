use proptest::prelude::*;

use super::super::{BOT_VARIABLE, CHANNEL_VARIABLE, KEY_VARIABLE, SITE_VARIABLE};
use super::*;

fn settings_from(site: &str) -> Result<Option<ZulipSettings>, String> {
    ZulipSettings::read(|name| {
        let value = match name {
            SITE_VARIABLE => site,
            BOT_VARIABLE => "perf-bot@example.org",
            KEY_VARIABLE => "very-secret",
            _ => "t-compiler/performance",
        };
        Some(value.to_owned())
    })
    .map_err(|error| error.to_string())
}

fn settings() -> ZulipSettings {
    settings_from("https://chat.example.org/").unwrap().unwrap()
}

fn understood(status: u16, retry_after: Option<&str>, body: &str) -> Result<(), AnnouncementError> {
    let reply = Reply {
        status,
        retry_after: retry_after.map(str::to_owned),
        body: body.as_bytes().to_vec(),
    };
    reply.understood(&settings())
}

#[test]
fn each_answer_says_what_to_do() {
    let said = [
        understood(200, None, "<html>login</html>"),
        understood(302, None, ""),
        understood(400, None, r#"{"result":"error","msg":"Topic too long","code":"BAD_REQUEST"}"#),
        understood(
            400,
            None,
            r#"{"result":"error","msg":"Channel 'x' does not exist","code":"STREAM_DOES_NOT_EXIST"}"#,
        ),
        understood(401, None, r#"{"result":"error","msg":"Invalid API key","code":"INVALID_API_KEY"}"#),
        understood(429, Some("7"), r#"{"result":"error","msg":"slow down","retry-after":28.7}"#),
        understood(502, None, "bad gateway"),
    ]
    .map(|answer| answer.unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n---\n"));
    assert_eq!(
        understood(200, None, r#"{"result":"success","id":42}"#),
        Ok(())
    );
}

#[test]
fn how_long_to_wait_is_taken_from_header_or_body_and_bounded() {
    let wait = |retry_after, body| match understood(429, retry_after, body) {
        Err(AnnouncementError::Busy { after }) => after.as_secs_f64(),
        other => panic!("{other:?}"),
    };
    assert_eq!(wait(Some("7"), "{}"), 7.0);
    assert_eq!(wait(None, r#"{"result":"error","retry-after":28.5}"#), 28.5);
    assert_eq!(wait(None, ""), 60.0);
    assert_eq!(wait(Some("1e99"), ""), 60.0);
    assert_eq!(wait(Some("99999"), ""), 3600.0);
}

#[test]
fn the_key_is_shown_nowhere_and_sent_to_no_unsafe_place() {
    assert!(!format!("{:?}", settings()).contains("very-secret"));
    for site in [
        "http://chat.example.org",
        "http://127.0.0.1:80@evil.org",
        "chat.example.org",
    ] {
        let refused = settings_from(site).unwrap_err();
        assert!(
            refused.contains(SITE_VARIABLE) && refused.contains("https://"),
            "{refused}"
        );
    }
    assert!(settings_from("http://127.0.0.1:8080").is_ok());
}

#[test]
fn nothing_is_posted_where_nothing_is_set_and_half_of_it_is_refused() {
    assert_eq!(ZulipSettings::read(|_| None).unwrap(), None);
    assert_eq!(ZulipSettings::read(|_| Some(String::new())).unwrap(), None);
    let half = ZulipSettings::read(|name| (name == SITE_VARIABLE).then(|| "https://a".to_owned()));
    let refused = half.unwrap_err().to_string();
    assert!(
        refused.contains(KEY_VARIABLE) && refused.contains(CHANNEL_VARIABLE),
        "{refused}"
    );
}

proptest! {
    #[test]
    fn any_answer_is_understood(
        status in 100u16..600, retry_after in prop::option::of(".{0,9}"),
        body in prop::collection::vec(any::<u8>(), 0..60)
    ) {
        let reply = Reply { status, retry_after, body };
        let _ = reply.understood(&settings());
    }
}
