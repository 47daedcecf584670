//! Looks at a prediction that fail, on virtual time.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn run(status: &str) -> Result<Run, ProviderError> {
    Run::read(format!(r#"{{"id":"p1","status":"{status}","output":["Once"]}}"#).as_bytes())
}

/// What looks come to that are answered like this, the last one for good; how many there were, and how long it took.
async fn looked(script: &[Result<&'static str, ProviderError>]) -> (Result<String, ProviderError>, usize, Duration) {
    let (script, at) = (script.to_vec(), Arc::<AtomicUsize>::default());
    let count = Arc::clone(&at);
    let started = Instant::now();
    let mut bytes = looks(move || {
        let look = script[at.fetch_add(1, Ordering::Relaxed).min(script.len() - 1)].clone();
        async move { look.and_then(run) }
    });
    let mut said = Ok(String::new());
    while let Some(piece) = bytes.next().await {
        match piece {
            Ok(piece) => said = said.map(|said| said + std::str::from_utf8(&piece).unwrap()),
            Err(error) => said = Err(error),
        }
    }
    (said, count.load(Ordering::Relaxed), started.elapsed())
}

fn refused(status: u16) -> ProviderError {
    ProviderError { status: Some(status), ..ProviderError::new(Category::Internal, "the server failed") }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_does_not_end_the_run() {
    let network = ProviderError::because(Category::Network, "reset", "the server closed the connection");
    let limited = ProviderError {
        retry_after: Some(Duration::from_secs(7)),
        ..ProviderError::new(Category::RateLimited, "too many requests")
    };
    let lost = ProviderError::because(Category::BrokenStream, "connection_lost", "the connection broke off");
    for (error, wait) in [(network, 1), (limited, 7), (refused(502), 1), (lost, 1)] {
        let (said, count, took) = looked(&[Ok("processing"), Err(error.clone()), Ok("succeeded")]).await;
        assert!(said.unwrap().ends_with("event: done\ndata: {}\n\n"), "{error}");
        assert_eq!((count, took), (3, 2 * LOOK + Duration::from_secs(wait)), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn looks_that_fail_in_a_row_have_an_end_and_those_in_between_do_not_count() {
    let (said, count, took) = looked(&[Err(refused(503))]).await;
    assert_eq!((said.unwrap_err().status, count), (Some(503), 1 + MOST_FAILED as usize));
    assert_eq!(took, LOOK * (1 + 2 + 4 + 8 + 16 + 32));
    let failed = Err::<&'static str, _>(refused(500));
    let mut script: Vec<_> = (0..20).flat_map(|_| [failed.clone(), Ok("processing")]).collect();
    script.push(Ok("succeeded"));
    assert_eq!(looked(&script).await.1, 41);
    let (said, count, _) = looked(&[Ok("processing"), Err(refused(404)), Ok("succeeded")]).await;
    assert_eq!((said.unwrap_err().status, count), (Some(404), 2), "it is not there");
}
