//! The part of GitHub's API that is asked for.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Extracted;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::rules::{Refusal, check, check_app, check_making, comment_body, label_names, refusal};
use super::{
    INSTALLATION, MEMBERS, Mood, OUR_LOGIN, PULL_REQUEST, REPOSITORY, Shared, StoredComment,
};

type Answer = Result<(u16, Value), Refusal>;

pub(super) fn router(shared: Shared) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(
    Extracted(shared): Extracted<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = format!("{method} {}", uri.path());
    shared.state().calls.push(call);
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let answer = route(&shared, &method, &uri, &headers, &body);
    let loses = shared.state().mood == Mood::LosesAnswers && method != Method::GET;
    let answer = match answer {
        Ok(_) if loses => Err(refusal(502, "Bad gateway")),
        other => other,
    };
    match answer {
        Ok((status, body)) => {
            let status = axum::http::StatusCode::from_u16(status).unwrap();
            (status, axum::Json(body)).into_response()
        }
        Err(refused) => {
            let mut response = (refused.status, axum::Json(refused.body)).into_response();
            for (name, value) in refused.headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
    }
}

fn route(shared: &Shared, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Value) -> Answer {
    let parts: Vec<&str> = uri.path().trim_matches('/').split('/').collect();
    if let ["app", "installations", id, "access_tokens"] = parts[..] {
        return token(shared, headers, id);
    }
    if let ["team.json"] = parts[..] {
        let team = shared.state().team.clone();
        let team = team.ok_or_else(|| refusal(404, "Not Found"))?;
        return Ok((200, serde_json::from_str(&team).unwrap()));
    }
    check(shared, headers)?;
    if let ["graphql"] = parts[..] {
        return fold(shared, body);
    }
    let ["repos", owner, name, rest @ ..] = &parts[..] else {
        return Err(refusal(404, "Not Found"));
    };
    if format!("{owner}/{name}") != REPOSITORY {
        return Err(refusal(404, "Not Found"));
    }
    let number = |text: &str| {
        let number = text.parse().map_err(|_| refusal(404, "Not Found"))?;
        if number == PULL_REQUEST || MEMBERS.contains(&number) {
            Ok(number)
        } else {
            Err(refusal(404, "Not Found"))
        }
    };
    match (method.as_str(), rest) {
        ("GET", ["issues", "comments", id]) => one_comment(shared, id),
        ("PATCH", ["issues", "comments", id]) => edit_comment(shared, id, body),
        ("GET", ["issues", of, "comments"]) => comments(shared, number(of)?, uri),
        ("POST", ["issues", on, "comments"]) => make_comment(shared, number(on)?, body),
        ("GET", ["issues", of, "labels"]) => Ok((200, labels(shared, number(of)?))),
        ("POST", ["issues", to, "labels"]) => {
            check_making(shared)?;
            let (to, names) = (number(to)?, label_names(body)?);
            shared.state().labels.entry(to).or_default().extend(names);
            Ok((200, labels(shared, to)))
        }
        ("DELETE", ["issues", of, "labels", name]) => {
            let of = number(of)?;
            let name = percent_encoding::percent_decode_str(name)
                .decode_utf8_lossy()
                .into_owned();
            let removed = shared.state().labels.entry(of).or_default().remove(&name);
            if removed {
                Ok((200, labels(shared, of)))
            } else {
                Err(refusal(404, "Label does not exist"))
            }
        }
        ("GET", ["pulls", of, "commits"]) if number(of)? == PULL_REQUEST => {
            let branch = shared.state().branch.clone();
            let commits = branch.iter().map(|sha| json!({ "sha": sha }));
            Ok((200, page(commits.collect(), uri)))
        }
        ("GET", ["commits"]) => {
            let from = parameter(uri, "sha").unwrap_or_default();
            let found = shared.state().commits_from(&from);
            let found = found.ok_or_else(|| refusal(404, "Not Found"))?;
            Ok((200, page(found, uri)))
        }
        ("GET", ["commits", sha]) => match shared.state().commit(sha) {
            Some(commit) => Ok((200, commit)),
            None => Err(refusal(422, &format!("No commit found for SHA: {sha}"))),
        },
        ("GET", ["collaborators", login, "permission"]) => role(shared, login),
        _ => Err(refusal(404, "Not Found")),
    }
}

fn token(shared: &Shared, headers: &HeaderMap, id: &str) -> Answer {
    check_app(shared, headers)?;
    if id != INSTALLATION.to_string() {
        return Err(refusal(404, "Not Found"));
    }
    let (token, until) = shared.state().make_token(shared.now());
    Ok((
        201,
        json!({ "token": token, "expires_at": until, "permissions": { "issues": "write" } }),
    ))
}

fn comments(shared: &Shared, of: u64, uri: &Uri) -> Answer {
    let since = parameter(uri, "since").and_then(|text| text.parse().ok());
    let state = shared.state();
    let found = state
        .comments
        .iter()
        .filter(|(_, comment)| comment.on == of)
        .filter(|(_, comment)| since.is_none_or(|since| comment.updated_at >= since));
    let found = found.map(|(id, comment)| shown(*id, comment)).collect();
    Ok((200, page(found, uri)))
}

fn make_comment(shared: &Shared, on: u64, body: &Value) -> Answer {
    check_making(shared)?;
    let text = comment_body(body)?;
    let now = shared.now();
    let mut state = shared.state();
    let id = state.add_comment(on, OUR_LOGIN, &text, now);
    Ok((201, shown(id, &state.comments[&id])))
}

fn one_comment(shared: &Shared, id: &str) -> Answer {
    let state = shared.state();
    let found = id
        .parse()
        .ok()
        .and_then(|id: u64| Some((id, state.comments.get(&id)?)));
    let (id, comment) = found.ok_or_else(|| refusal(404, "Not Found"))?;
    Ok((200, shown(id, comment)))
}

fn edit_comment(shared: &Shared, id: &str, body: &Value) -> Answer {
    let text = comment_body(body)?;
    let now = shared.now();
    let mut state = shared.state();
    let id: u64 = id.parse().map_err(|_| refusal(404, "Not Found"))?;
    let comment = state
        .comments
        .get_mut(&id)
        .ok_or_else(|| refusal(404, "Not Found"))?;
    if comment.author != OUR_LOGIN {
        return Err(refusal(403, "Resource not accessible by integration"));
    }
    comment.body = text;
    comment.edits += 1;
    comment.updated_at = now;
    Ok((200, shown(id, comment)))
}

fn fold(shared: &Shared, body: &Value) -> Answer {
    let id = body["variables"]["id"]
        .as_str()
        .and_then(|id| id.strip_prefix("node-"));
    let id: Option<u64> = id.and_then(|id| id.parse().ok());
    let mut state = shared.state();
    match id.and_then(|id| state.comments.get_mut(&id)) {
        Some(comment) => {
            comment.folded = true;
            Ok((200, json!({ "data": { "minimizeComment": {} } })))
        }
        None => Ok((200, json!({ "errors": [{ "type": "NOT_FOUND" }] }))),
    }
}

fn role(shared: &Shared, login: &str) -> Answer {
    let state = shared.state();
    match state.roles.get(&login.to_ascii_lowercase()) {
        Some(role) => Ok((200, json!({ "permission": role, "role_name": role }))),
        None => Ok((200, json!({ "permission": "none", "role_name": "none" }))),
    }
}

fn labels(shared: &Shared, of: u64) -> Value {
    let state = shared.state();
    state
        .labels
        .get(&of)
        .into_iter()
        .flatten()
        .map(|name| json!({ "name": name }))
        .collect()
}

fn shown(id: u64, comment: &StoredComment) -> Value {
    json!({
        "id": id,
        "node_id": format!("node-{id}"),
        "body": comment.body,
        "user": { "login": comment.author },
        "updated_at": comment.updated_at,
    })
}

/// The part of a list that a page shows, 30 entries unless asked for up to 100.
fn page(all: Vec<Value>, uri: &Uri) -> Value {
    let number = |name: &str| parameter(uri, name).and_then(|text| text.parse::<usize>().ok());
    let size = number("per_page").unwrap_or(30).min(100);
    let page = number("page").unwrap_or(1).max(1);
    all.into_iter().skip((page - 1) * size).take(size).collect()
}

fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
