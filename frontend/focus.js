// Keeps the focus when news of the server puts a new element in the place of the one that has it. A
// browser would take it away, and whoever goes through rows by keys would begin at the first again.

/** A selector of an element by what stays the same when it is made anew. */
const selectorOf = (element) => {
  for (const name of ["id", "data-testid", "href"]) {
    const value = element.getAttribute?.(name);
    if (value) return `${element.localName}[${name}="${CSS.escape(value)}"]`;
  }
  return undefined;
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
    const selector = selectorOf(holder);
    if (selector) document.querySelector(selector)?.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}
