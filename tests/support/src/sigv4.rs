//! AWS's Signature Version 4, checked as AWS describes it and not with the library that signs: a request is written
//! down in its canonical form, and its signature is made again from the secret.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::Recorded;

/// How far a request's time may be from ours, in seconds.
const SKEW_S: i64 = 300;
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who may sign, for where.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The access key's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of its session.
    pub session: Option<String>,
    /// The region of the server.
    pub region: String,
    /// The service of the server.
    pub service: String,
}

/// Why a request is refused: AWS's name for it, and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub &'static str, pub String);

/// Checks a request at a time in UTC seconds.
///
/// # Errors
/// What AWS says to a request that it does not let in.
pub fn check(request: &Recorded, signer: &Signer, now: i64) -> Result<(), Refusal> {
    let missing = || Refusal("MissingAuthenticationTokenException", "Missing Authentication Token".into());
    let given = request.header("authorization").ok_or_else(missing)?;
    let rest = given.strip_prefix(ALGORITHM).ok_or_else(missing)?;
    let part = |name: &str| rest.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let incomplete = || Refusal("IncompleteSignatureException", "The signature lacks a part".into());
    let scope = part("Credential").ok_or_else(incomplete)?;
    let names = part("SignedHeaders").ok_or_else(incomplete)?;
    let signature = part("Signature").ok_or_else(incomplete)?;
    let date = request.header("x-amz-date").ok_or_else(incomplete)?;
    let (id, scope) = scope.split_once('/').ok_or_else(incomplete)?;
    let unknown =
        || Refusal("UnrecognizedClientException", "The security token included in the request is invalid.".into());
    if id != signer.id || request.header("x-amz-security-token") != signer.session.as_deref() {
        return Err(unknown());
    }
    timely(date, now)?;
    let wanted = format!("{}/{}/{}/aws4_request", &date[..8], signer.region, signer.service);
    if scope != wanted {
        let words = "Credential should be scoped to a valid region.".to_owned();
        return Err(Refusal("InvalidSignatureException", words));
    }
    // What says whose request it is must be signed; so must where it goes.
    let signed: Vec<&str> = names.split(';').collect();
    let needed = ["host", "x-amz-date"].into_iter().chain(signer.session.as_ref().map(|_| "x-amz-security-token"));
    for name in needed {
        if !signed.contains(&name) {
            return Err(Refusal("InvalidSignatureException", format!("'{name}' must be a signed header")));
        }
    }
    if signature != self::signature(&canonical(request, &signed), date, signer) {
        let words = "The request signature we calculated does not match the signature you provided. Check your AWS \
                     Secret Access Key and signing method.";
        return Err(Refusal("InvalidSignatureException", words.into()));
    }
    Ok(())
}

fn timely(date: &str, now: i64) -> Result<(), Refusal> {
    let sent = chrono::NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").expect("a date of AWS").and_utc();
    let (sent, shown) = (sent.timestamp(), stamp(now));
    if sent < now - SKEW_S {
        return Err(Refusal(
            "InvalidSignatureException",
            format!("Signature expired: {date} is now earlier than {shown}"),
        ));
    }
    if sent > now + SKEW_S {
        return Err(Refusal(
            "InvalidSignatureException",
            format!("Signature not yet current: {date} is still later than {shown}"),
        ));
    }
    Ok(())
}

/// A time as AWS writes it.
pub fn stamp(now: i64) -> String {
    chrono::DateTime::from_timestamp(now, 0).expect("a time").format("%Y%m%dT%H%M%SZ").to_string()
}

/// The canonical request: method, path (each part encoded once more), query in order, headers, their names, the hash
/// of the body.
pub fn canonical(request: &Recorded, signed: &[&str]) -> String {
    let mut line = request.line().split(' ');
    let (method, target) = (line.next().unwrap_or_default(), line.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    pairs.sort();
    let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut text = format!("{method}\n{}\n{}\n", encoded(path), query.join("&"));
    for name in signed {
        let value = request.header(name).unwrap_or_default();
        let words: Vec<&str> = value.split_whitespace().collect();
        let _written = writeln!(text, "{name}:{}", words.join(" "));
    }
    let _written = write!(text, "\n{}\n{}", signed.join(";"), hex(&Sha256::digest(&request.body)));
    text
}

/// The signature of a canonical request.
pub fn signature(canonical: &str, date: &str, signer: &Signer) -> String {
    let day = &date[..8];
    let scope = format!("{day}/{}/{}/aws4_request", signer.region, signer.service);
    let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let key = [day, &signer.region, &signer.service, "aws4_request"]
        .into_iter()
        .fold(format!("AWS4{}", signer.secret).into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    hex(&hmac(&key, text.as_bytes()))
}

/// HMAC over SHA-256, as RFC 2104 has it.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut block = if key.len() > BLOCK { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.resize(BLOCK, 0);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let inner = Sha256::digest([pad(0x36).as_slice(), text].concat());
    Sha256::digest([pad(0x5c).as_slice(), &inner].concat()).to_vec()
}

fn encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                let _written = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From AWS's signing test suite (`tests/aws-signing-test-suite/v4` of `awslabs/aws-c-auth`, Apache-2.0): name,
    /// request, body, names of the signed headers, signature.
    const SUITE: [(&str, &str, &str, &str, &str); 7] = [
        (
            "get-vanilla",
            "GET / HTTP/1.1\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n\r\n",
            "",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "get-utf8",
            "GET /ሴ HTTP/1.1\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n\r\n",
            "",
            "host;x-amz-date",
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            "post-header-key-sort",
            "POST / HTTP/1.1\r\nHost:example.amazonaws.com\r\nMy-Header1:value1\r\nX-Amz-Date:20150830T123600Z\r\n\r\n",
            "",
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            "get-header-value-trim",
            "GET / HTTP/1.1\r\nHost:example.amazonaws.com\r\nMy-Header1: value1\r\nMy-Header2: \"a   b   c\"\r\n\
             X-Amz-Date:20150830T123600Z\r\n\r\n",
            "",
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "get-vanilla-query-order-encoded",
            "GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1 HTTP/1.1\r\nHost:example.amazonaws.com\r\n\
             X-Amz-Date:20150830T123600Z\r\n\r\n",
            "",
            "host;x-amz-date",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ),
        (
            "get-vanilla-with-session-token",
            "GET / HTTP/1.1\r\nHost:example.amazonaws.com\r\nX-Amz-Date:20150830T123600Z\r\n\
             X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267\r\n\r\n",
            "",
            "host;x-amz-date;x-amz-security-token",
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ),
        (
            "post-x-www-form-urlencoded",
            "POST / HTTP/1.1\r\nContent-Type:application/x-www-form-urlencoded\r\nHost:example.amazonaws.com\r\n\
             Content-Length:13\r\nX-Amz-Date:20150830T123600Z\r\n\
             X-Amz-Content-Sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\r\n\r\n",
            "Param1=value1",
            "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
        ),
    ];

    fn signer() -> Signer {
        Signer {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session: None,
            region: "us-east-1".into(),
            service: "service".into(),
        }
    }

    #[test]
    fn the_published_signatures_come_out() {
        for (name, head, body, names, want) in SUITE {
            let request = Recorded { head: head.to_owned(), body: body.as_bytes().to_vec() };
            let signed: Vec<&str> = names.split(';').collect();
            assert_eq!(signature(&canonical(&request, &signed), "20150830T123600Z", &signer()), want, "{name}");
        }
    }

    /// `double-encode-path` of the same suite, of which the canonical request is published.
    #[test]
    fn what_is_encoded_in_a_path_is_encoded_once_more() {
        let head = "POST /test/@connections/JBDvjfGEIAMCERw%3D HTTP/1.1\r\n\
                    Host:tj9n5r0m12.execute-api.us-east-1.amazonaws.com\r\nX-amz-date:20210511T154045Z\r\n\r\n";
        let request = Recorded { head: head.to_owned(), body: Vec::new() };
        let want = "POST\n/test/%40connections/JBDvjfGEIAMCERw%253D\n\n\
                    host:tj9n5r0m12.execute-api.us-east-1.amazonaws.com\nx-amz-date:20210511T154045Z\n\n\
                    host;x-amz-date\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(canonical(&request, &["host", "x-amz-date"]), want);
    }

    #[test]
    fn a_request_is_let_in_for_its_signature_and_its_time() {
        let (_, head, ..) = SUITE[0];
        let noon = 1_440_938_160;
        assert_eq!(stamp(noon), "20150830T123600Z");
        let with = |signature: &str, scope: &str| Recorded {
            head: head.replace(
                "\r\n\r\n",
                &format!(
                    "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, \
                     SignedHeaders=host;x-amz-date, Signature={signature}\r\n\r\n"
                ),
            ),
            body: Vec::new(),
        };
        let scope = "20150830/us-east-1/service/aws4_request";
        let good = with(SUITE[0].4, scope);
        let why = |request: &Recorded, now| check(request, &signer(), now).err().map(|Refusal(kind, _)| kind);
        assert_eq!(why(&good, noon), None);
        assert_eq!(why(&good, noon + 299), None);
        for now in [noon + 301, noon - 301] {
            assert_eq!(why(&good, now), Some("InvalidSignatureException"));
        }
        assert_eq!(why(&with(&"0".repeat(64), scope), noon), Some("InvalidSignatureException"));
        assert_eq!(why(&with(SUITE[0].4, &scope.replace("east", "west")), noon), Some("InvalidSignatureException"));
        let unsigned = Recorded { head: head.to_owned(), body: Vec::new() };
        assert_eq!(why(&unsigned, noon), Some("MissingAuthenticationTokenException"));
    }
}
