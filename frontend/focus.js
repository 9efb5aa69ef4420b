// Keeps the focus when news of the server puts a new element in the place of the one that has it. A
// browser would take it away, and whoever goes through rows by keys would begin at the first again.

/** The element that stands for one that was taken away: the same kind, by what stays the same when it is made anew. */
const successorOf = (gone) => {
  const name = ["id", "data-testid", "href"].find((name) => gone.getAttribute?.(name));
  if (!name) return undefined;
  const attributes = gone.getAttributeNames().join();
  const named = document.querySelectorAll(`${gone.localName}[${name}="${CSS.escape(gone.getAttribute(name))}"]`);
  return [...named].find((element) => element.getAttributeNames().join() === attributes);
};

export function keepFocus() {
  let holder;
  document.addEventListener("focusin", ({ target }) => {
    holder = target;
  });
  document.addEventListener("focusout", ({ target }) => {
    // An element that is taken away is so by then; one that a reader left is still there.
    queueMicrotask(() => {
      if (target === holder && target.isConnected && document.activeElement !== target) holder = undefined;
    });
  });
  new MutationObserver(() => {
    if (!holder || holder.isConnected || document.activeElement !== document.body) return;
    successorOf(holder)?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}
