export interface NewsItem {
  readonly id: number;
  readonly text: string;
  readonly kind: 'info' | 'good' | 'bad';
}

/** Read out and shown for a while. */
const shownMs = 8000;

/** What happens in the background: shown in a corner and read out by screen readers, whatever page is open. */
class News {
  items = $state.raw<readonly NewsItem[]>([]);
  #last = 0;

  /** Bad news stays until it is dismissed. */
  say(text: string, kind: NewsItem['kind'] = 'info'): void {
    const id = ++this.#last;
    this.items = [...this.items.filter((each) => each.text !== text), { id, text, kind }].slice(-4);
    if (kind !== 'bad') setTimeout(() => this.dismiss(id), shownMs);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((each) => each.id !== id);
  }
}

export const news = new News();
