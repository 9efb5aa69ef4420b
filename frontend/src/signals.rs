//! Signals and memos as Leptos has them, with the machinery behind them compiled once.
//!
//! Leptos compiles what it does for a signal anew for each type of value, some two kilobytes each time.
//! Here the value lies behind `dyn Any`, so that what a type costs is making and reading it. The names
//! and methods are those of Leptos; [`crate::prelude`] puts these in their place.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use leptos::prelude as leptos_signals;
use leptos::prelude::{
    Get as _, GetUntracked as _, Read as _, ReadUntracked as _, Track as _, Write as _,
};

/// What a memo holds, and whoever reads it with it.
type Shared = Arc<dyn Any + Send + Sync>;

/// What a signal that is written to holds.
type Owned = Box<dyn Any + Send + Sync>;

/// The value behind `dyn Any`. The type is the one that it was made with, since nothing but the typed
/// faces in this file makes or writes one.
fn typed<T: 'static>(value: &(dyn Any + Send + Sync)) -> &T {
    value.downcast_ref().unwrap_or_else(|| is_of_another_type())
}

#[cold]
fn is_of_another_type() -> ! {
    unreachable!("a signal holds a value of its own type")
}

/// A value that is worked out from signals, and moves when what comes of it is another.
pub(crate) struct Memo<T> {
    inner: leptos_signals::Memo<Shared>,
    value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// Worked out by `compute`, which is given what came of it before.
    pub(crate) fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self
    where
        T: PartialEq,
    {
        Self::new_with_compare(compute, |before, now| before != now)
    }

    /// Worked out by `compute`; moves where `is_another` says so of the value before and the one now.
    pub(crate) fn new_with_compare(
        compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static,
        is_another: impl Fn(Option<&T>, Option<&T>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let inner = memo(Box::new(move |before: Option<Shared>| {
            let before = before.as_deref().map(typed);
            let now = compute(before);
            let is_another = is_another(before, Some(&now));
            (Arc::new(now), is_another)
        }));
        Self {
            inner,
            value: PhantomData,
        }
    }

    /// What `read` makes of the value. Whoever asks follows it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(typed(&*read_memo(self.inner)))
    }

    /// The value. Whoever asks follows it.
    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// What `read` makes of the value as it is now.
    pub(crate) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(typed(&*read_memo_untracked(self.inner)))
    }

    /// The value as it is now.
    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// The value as it is now, unless whoever made the memo is gone.
    pub(crate) fn try_get_untracked(&self) -> Option<T>
    where
        T: Clone,
    {
        let value = self.inner.try_get_untracked()?;
        Some(typed::<T>(&*value).clone())
    }

    /// Follows the value without reading it.
    pub(crate) fn track(&self) {
        self.inner.track();
    }
}

type Compute = Box<dyn Fn(Option<Shared>) -> (Shared, bool) + Send + Sync>;

#[inline(never)]
fn memo(compute: Compute) -> leptos_signals::Memo<Shared> {
    leptos_signals::Memo::new_owning(compute)
}

#[inline(never)]
fn read_memo(memo: leptos_signals::Memo<Shared>) -> Shared {
    memo.get()
}

#[inline(never)]
fn read_memo_untracked(memo: leptos_signals::Memo<Shared>) -> Shared {
    memo.get_untracked()
}

/// A value that others follow and that is only read here, wherever it comes from.
pub(crate) struct Signal<T> {
    inner: leptos_signals::Signal<Shared>,
    value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Signal<T> {
    /// Worked out by `derive` each time that somebody asks.
    pub(crate) fn derive(derive: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::of(derived(Box::new(move || Arc::new(derive()))))
    }

    /// Always the same.
    pub(crate) fn stored(value: T) -> Self {
        Self::of(leptos_signals::Signal::stored(Arc::new(value)))
    }

    fn of(inner: leptos_signals::Signal<Shared>) -> Self {
        Self {
            inner,
            value: PhantomData,
        }
    }

    /// What `read` makes of the value. Whoever asks follows it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(typed(&*read_signal(self.inner)))
    }

    /// The value. Whoever asks follows it.
    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// What `read` makes of the value as it is now.
    pub(crate) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(typed(&*read_signal_untracked(self.inner)))
    }

    /// The value as it is now.
    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// The value as it is now, unless whoever made the signal is gone.
    pub(crate) fn try_get_untracked(&self) -> Option<T>
    where
        T: Clone,
    {
        let value = self.inner.try_get_untracked()?;
        Some(typed::<T>(&*value).clone())
    }
}

#[inline(never)]
fn derived(derive: Box<dyn Fn() -> Shared + Send + Sync>) -> leptos_signals::Signal<Shared> {
    leptos_signals::Signal::derive(derive)
}

#[inline(never)]
fn read_signal(signal: leptos_signals::Signal<Shared>) -> Shared {
    signal.get()
}

#[inline(never)]
fn read_signal_untracked(signal: leptos_signals::Signal<Shared>) -> Shared {
    signal.get_untracked()
}

impl<T: Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self::of(memo.inner.into())
    }
}

impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self::derive(move || signal.get())
    }
}

/// A value that is written to, and that others follow.
pub(crate) struct RwSignal<T> {
    inner: leptos_signals::RwSignal<Owned>,
    value: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Holds `value` to begin with.
    pub(crate) fn new(value: T) -> Self {
        Self {
            inner: rw_signal(Box::new(value)),
            value: PhantomData,
        }
    }

    /// What `read` makes of the value. Whoever asks follows it.
    pub(crate) fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(typed(&**read_rw_signal(self.inner)))
    }

    /// The value. Whoever asks follows it.
    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// What `read` makes of the value as it is now.
    pub(crate) fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(typed(&**read_rw_signal_untracked(self.inner)))
    }

    /// The value as it is now.
    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Puts another value in its place.
    pub(crate) fn set(&self, value: T) {
        set_rw_signal(self.inner, Box::new(value));
    }

    /// Puts another value in its place, unless whoever made the signal is gone: then it comes back.
    pub(crate) fn try_set(&self, value: T) -> Option<T> {
        let rest = try_set_rw_signal(self.inner, Box::new(value))?;
        rest.downcast().ok().map(|value| *value)
    }

    /// Changes the value.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        write_rw_signal(self.inner, &mut |value| {
            if let Some(change) = change.take() {
                change(typed_mut(value));
            }
        });
    }

    /// Changes the value and tells what came of it, unless whoever made the signal is gone.
    pub(crate) fn try_update<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = self.inner.try_write()?;
        Some(change(typed_mut(&mut **value)))
    }
}

impl<T: Default + Send + Sync + 'static> Default for RwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

fn typed_mut<T: 'static>(value: &mut (dyn Any + Send + Sync)) -> &mut T {
    value.downcast_mut().unwrap_or_else(|| is_of_another_type())
}

#[inline(never)]
fn rw_signal(value: Owned) -> leptos_signals::RwSignal<Owned> {
    leptos_signals::RwSignal::new(value)
}

#[inline(never)]
fn read_rw_signal(signal: leptos_signals::RwSignal<Owned>) -> impl Deref<Target = Owned> {
    signal.read()
}

#[inline(never)]
fn read_rw_signal_untracked(signal: leptos_signals::RwSignal<Owned>) -> impl Deref<Target = Owned> {
    signal.read_untracked()
}

#[inline(never)]
fn write_rw_signal(
    signal: leptos_signals::RwSignal<Owned>,
    change: &mut dyn FnMut(&mut (dyn Any + Send + Sync)),
) {
    change(&mut **signal.write());
}

#[inline(never)]
fn set_rw_signal(signal: leptos_signals::RwSignal<Owned>, value: Owned) {
    use leptos::prelude::Set as _;
    signal.set(value);
}

#[inline(never)]
fn try_set_rw_signal(signal: leptos_signals::RwSignal<Owned>, value: Owned) -> Option<Owned> {
    use leptos::prelude::Set as _;
    signal.try_set(value)
}

/// The handles are numbers, whatever they lead to.
macro_rules! handles {
    ($($handle:ident)+) => {
        $(
            impl<T> Clone for $handle<T> {
                fn clone(&self) -> Self {
                    *self
                }
            }

            impl<T> Copy for $handle<T> {}

            impl<T> fmt::Debug for $handle<T> {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.write_str(stringify!($handle))
                }
            }
        )+
    };
}
handles!(Memo Signal RwSignal);

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use leptos::prelude::Owner;

    use super::*;

    /// Signals belong to somebody, and go with them.
    fn owned(test: impl FnOnce()) {
        let owner = Owner::new();
        owner.with(test);
        owner.cleanup();
    }

    #[test]
    fn a_memo_follows_a_signal_and_moves_only_when_what_comes_of_it_is_another() {
        owned(|| {
            let number = RwSignal::new(1);
            let is_even = Memo::new(move |_| number.get() % 2 == 0);
            let computed = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&computed);
            let in_words = Memo::new(move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                if is_even.get() { "even" } else { "odd" }
            });
            assert_eq!(in_words.get(), "odd");
            number.set(3);
            assert_eq!(in_words.get(), "odd");
            assert_eq!(computed.load(Ordering::Relaxed), 1);
            number.update(|number| *number += 1);
            assert_eq!(in_words.get(), "even");
            assert_eq!(computed.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_memo_is_given_what_it_was_and_may_judge_by_itself_whether_it_moved() {
        owned(|| {
            let added = RwSignal::new(1);
            let sum = Memo::new_with_compare(
                move |before: Option<&i32>| before.copied().unwrap_or_default() + added.get(),
                |_, now| now.is_some_and(|sum| *sum > 10),
            );
            let seen = Memo::new(move |_| sum.get());
            assert_eq!(seen.get(), 1);
            added.set(2);
            assert_eq!((sum.get(), seen.get()), (3, 1));
            added.set(20);
            assert_eq!(seen.get(), 23);
        });
    }

    #[test]
    fn what_is_only_read_comes_of_anything() {
        owned(|| {
            let name = RwSignal::new("a".to_owned());
            let memo = Memo::new(move |_| name.with(String::len));
            let derived = Signal::derive(move || name.get().repeat(2));
            let (of_memo, of_name): (Signal<usize>, Signal<String>) = (memo.into(), name.into());
            name.set("bcd".to_owned());
            assert_eq!(derived.get(), "bcdbcd");
            assert_eq!((of_memo.get(), of_name.get()), (3, "bcd".to_owned()));
            assert_eq!(Signal::stored(7).get_untracked(), 7);
        });
    }

    #[test]
    fn a_signal_whose_maker_is_gone_gives_back_what_is_written_to_it() {
        let owner = Owner::new();
        let (signal, derived) = owner.with(|| {
            let signal = RwSignal::new(1);
            (signal, Signal::derive(move || signal.get()))
        });
        assert_eq!(signal.try_set(2), None);
        assert_eq!(derived.try_get_untracked(), Some(2));
        owner.cleanup();
        assert_eq!(signal.try_set(3), Some(3));
        assert_eq!(signal.try_update(|value| *value), None);
        assert_eq!(derived.try_get_untracked(), None);
    }
}
