/** What a reader thinks of a result: `open` until somebody has said it. */
export const reviewStates = ['open', 'accepted', 'rejected'] as const;
export type ReviewState = (typeof reviewStates)[number];

export interface Review {
  readonly state: ReviewState;
  readonly note: string;
  /** ISO 8601, UTC; null while it is open. */
  readonly reviewedAt: string | null;
}

/** Of a result that is new. */
export const notReviewed: Review = { state: 'open', note: '', reviewedAt: null };
