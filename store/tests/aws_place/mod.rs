//! A place in a local AWS, of a test's own.

#![allow(
    dead_code,
    reason = "each test program uses the part of it that it needs"
)]

use std::sync::{Arc, Mutex, PoisonError, Weak};

use aws_config::SdkConfig;
use localstack::LocalAws;
use store::Store;
use store::aws::AwsPlace;
use store::aws::local_account::LocalAccount;

/// The configurations whose queues a place has: those of the conformance suite.
const CONFIGURATIONS: [&str; 2] = ["x86_64-llvm-t1", "another"];

/// A place, which lasts as long as its local AWS.
pub(crate) struct TestPlace {
    /// Its names.
    pub(crate) place: AwsPlace,
    /// How it is spoken to.
    pub(crate) configuration: SdkConfig,
    /// Its account: 12 digits, which are the access key, too.
    pub(crate) account: String,
    _aws: Option<Arc<LocalAws>>,
}

impl TestPlace {
    /// Makes a place in an account of its own, in the AWS that `AWS_ENDPOINT_URL` names, else in a
    /// local one that all tests of this process share.
    pub(crate) async fn make() -> Self {
        match std::env::var("AWS_ENDPOINT_URL") {
            Ok(endpoint) if !endpoint.is_empty() => Self::make_at(&endpoint, None).await,
            _ => Self::make_local(shared_aws()).await,
        }
    }

    /// Makes a place in an account of its own, in a local AWS.
    pub(crate) async fn make_local(aws: Arc<LocalAws>) -> Self {
        let endpoint = aws.endpoint().to_owned();
        Self::make_at(&endpoint, Some(aws)).await
    }

    async fn make_at(endpoint: &str, aws: Option<Arc<LocalAws>>) -> Self {
        let id = format!("{:012}", getrandom::u64().unwrap() % 1_000_000_000_000);
        let account = LocalAccount::at(endpoint, &id).await;
        let place = AwsPlace {
            environment: format!("t{id}").parse().unwrap(),
            bucket: format!("perfleet-t{id}-results-1"),
        };
        let configurations = CONFIGURATIONS.map(|slug| slug.parse().unwrap());
        account.make(&place, &configurations).await;
        Self {
            place,
            configuration: account.configuration().clone(),
            account: id,
            _aws: aws,
        }
    }

    /// Opens its ports.
    pub(crate) fn open(&self) -> Store {
        store::aws::open_with(&self.configuration, &self.place)
    }

    /// Opens its ports behind another address, such as that of a proxy.
    pub(crate) async fn open_at(&self, endpoint: &str) -> Store {
        let account = LocalAccount::at(endpoint, &self.account).await;
        store::aws::open_with(account.configuration(), &self.place)
    }
}

/// The local AWS of this process. It ends with the last test that uses it.
pub(crate) fn shared_aws() -> Arc<LocalAws> {
    static SHARED: Mutex<Weak<LocalAws>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    shared.upgrade().unwrap_or_else(|| {
        let aws = Arc::new(LocalAws::obtain().unwrap());
        *shared = Arc::downgrade(&aws);
        aws
    })
}
