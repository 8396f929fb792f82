const listeners = new WeakMap<Element, (isVisible: boolean) => void>();

const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) listeners.get(target)?.(isIntersecting);
  },
  // Half a screen ahead, so that a picture is there when its place scrolls into view.
  { rootMargin: '300px' },
);

/** Tells when an element comes into view and when it leaves it, until the returned function is called. */
export function watchVisible(element: Element, listener: (isVisible: boolean) => void): () => void {
  listeners.set(element, listener);
  observer.observe(element);
  return () => {
    observer.unobserve(element);
    listeners.delete(element);
  };
}
