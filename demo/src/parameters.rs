//! The parameters of a request, from its query and, where it is a posted form, from its body.

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{Method, header},
};
use percent_encoding::percent_decode_str;

use crate::refusal::Refusal;

/// More than any form here sends.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// The most characters that a name may have.
const TEXT_CHARS_MAX: usize = 80;

/// The parameters of a request, decoded, in the order they came in; unknown ones are not minded.
#[derive(Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Returns the parameter called `name`, or `None` when there is none.
    pub(crate) fn find(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut found = self.0.iter().filter(|(present, _)| present == name);
        let first = found.next().map(|(_, value)| value.as_str());
        match found.next() {
            None => Ok(first),
            Some(_) => Err(Refusal::Request(format!("The parameter `{name}` is there more than once."))),
        }
    }

    /// Returns the parameter called `name`, a text that is neither empty nor long; without one, `default`.
    pub(crate) fn text(&self, name: &str, default: Option<&str>) -> Result<String, Refusal> {
        match self.find(name)?.or(default) {
            None => Err(Refusal::Request(format!("The parameter `{name}` is missing."))),
            Some(text) if text.trim().is_empty() => {
                Err(Refusal::Request(format!("The parameter `{name}` is empty.")))
            }
            Some(text) if text.chars().count() > TEXT_CHARS_MAX => {
                let why = format!("The parameter `{name}` is too long: at most {TEXT_CHARS_MAX} characters.");
                Err(Refusal::Request(why))
            }
            Some(text) => Ok(text.into()),
        }
    }
}

impl<S: Sync> FromRequest<S> for Parameters {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let mut parameters = parse(request.uri().query().unwrap_or_default())?;
        if is_posted_form(&request) {
            parameters.extend(parse(&text(read(request).await?)?)?);
        }
        Ok(Self(parameters))
    }
}

fn is_posted_form(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    request.method() == Method::POST && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

async fn read(request: Request) -> Result<Bytes, Refusal> {
    let unreadable = "The form could not be read, or is larger than 16 KiB.";
    to_bytes(request.into_body(), BODY_BYTES_MAX).await.map_err(|_| Refusal::Request(unreadable.into()))
}

fn text(body: Bytes) -> Result<String, Refusal> {
    String::from_utf8(body.into()).map_err(|_| Refusal::Request("The form is not UTF-8.".into()))
}

/// Unlike the usual parsers, refuses what is no UTF-8 rather than keeping something else than was sent.
fn parse(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    let why = "A parameter is not UTF-8 when its percent signs are decoded.";
    decoded.map(Into::into).map_err(|_| Refusal::Request(why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &str) -> Parameters {
        Parameters(parse(query).unwrap())
    }

    fn why<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> String {
        match refused.unwrap_err() {
            Refusal::Request(why) => why,
            refusal => panic!("{refusal:?}"),
        }
    }

    #[test]
    fn plus_percent_and_missing_values_are_understood() {
        let parameters = parameters("a=1+2&b=%C3%A9%26&&c&d=x=y");
        for (name, value) in [("a", "1 2"), ("b", "é&"), ("c", ""), ("d", "x=y")] {
            assert_eq!(parameters.find(name).unwrap(), Some(value), "{name}");
        }
        assert_eq!(parameters.find("e").unwrap(), None);
    }

    #[test]
    fn what_is_twice_there_or_no_utf8_is_refused() {
        assert!(why(parameters("a=1&a=1").find("a")).contains("more than once"));
        assert!(why(parse("a=%FF")).contains("not UTF-8"));
        assert!(why(parse("%FF=a")).contains("not UTF-8"));
    }

    #[test]
    fn a_text_is_there_and_not_empty_and_short() {
        let long = format!("a={}", "é".repeat(TEXT_CHARS_MAX + 1));
        for (query, says) in [("", "missing"), ("a=", "empty"), ("a=+", "empty"), (&long, "too long")] {
            assert!(why(parameters(query).text("a", None)).contains(says), "{query}");
        }
        let longest = "é".repeat(TEXT_CHARS_MAX);
        assert_eq!(parameters(&format!("a={longest}")).text("a", None).unwrap(), longest);
        assert_eq!(parameters("").text("a", Some("b")).unwrap(), "b");
    }
}
