//! Stresses **async functions**: their lowering to state machines, the layout of futures that hold
//! futures, and the proof that they can be sent between threads.
//!
//! Async functions await others inside loops and branches and keep many values over each await;
//! each is required to be `Send`. Nothing runs, so a change of this benchmark is a change of the
//! coroutine transform, of the witness types or of auto traits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A future that is ready when it is asked for the second time.
#[derive(Debug, Default)]
pub struct Later {
    asked: bool,
}

impl Future for Later {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        if self.asked {
            return Poll::Ready(1);
        }
        self.asked = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What may be awaited anywhere.
pub fn assert_send<T: Send>(value: T) -> T {
    value
}

/// A future of an unknown kind.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Makes a chain of async functions, each of which awaits the one before in many places.
macro_rules! chain {
    ($first:ident $($rest:ident)*) => {
        /// The beginning of the chain.
        pub async fn $first(name: Arc<str>, numbers: &mut Vec<u64>) -> Result<u64, String> {
            let ready = Later::default().await;
            numbers.push(ready + name.len() as u64);
            Ok(ready)
        }
        chain!(@after $first $($rest)*);
    };
    (@after $before:ident) => {};
    (@after $before:ident $name:ident $($rest:ident)*) => {
        /// A part of the chain.
        pub async fn $name(name: Arc<str>, numbers: &mut Vec<u64>) -> Result<u64, String> {
            let mut total = 0;
            let label = format!("{name}/{}", stringify!($name));
            for step in 0..3_u64 {
                let copy = Arc::clone(&name);
                let found = assert_send($before(copy, numbers)).await?;
                match found {
                    0 => return Err(label),
                    1 => total += Later::default().await,
                    more if more > step => {
                        let mut inner = vec![more, step];
                        total += $before(Arc::from(label.as_str()), &mut inner).await?;
                        numbers.append(&mut inner);
                    }
                    _ => continue,
                }
            }
            let closure = async |offset: u64| offset + Later::default().await;
            total += closure(total).await;
            if let Some(last) = numbers.last().copied() {
                let block = async move { last + Later::default().await };
                total += block.await;
            }
            Ok(total)
        }
        chain!(@after $name $($rest)*);
    };
}

/// Makes a module that holds a chain of its own.
macro_rules! chains {
    ($($module:ident)*) => {
        $(
            /// A chain of async functions.
            pub mod $module {
                use super::*;

                chain! { first second third fourth fifth }

                /// The whole chain as a future of an unknown kind.
                pub fn whole<'a>(numbers: &'a mut Vec<u64>) -> Boxed<'a, Result<u64, String>> {
                    Box::pin(async move {
                        let name: Arc<str> = Arc::from(stringify!($module));
                        let once = fifth(Arc::clone(&name), numbers).await?;
                        let twice = fourth(name, numbers).await?;
                        Ok(once + twice)
                    })
                }
            }
        )*
    };
}

chains! { alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu }
