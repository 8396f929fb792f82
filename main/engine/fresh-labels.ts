/**
 * The labels that this engine made last, until it does anything else: an export that follows needs not inflate them again. They are
 * known by their SHA-256, so that no other result's are taken for them.
 */
export class FreshLabels {
  #kept: { readonly sha256: string; readonly labels: Uint8Array<SharedArrayBuffer> } | null = null;

  keep(sha256: string, labels: Uint8Array<SharedArrayBuffer>): void {
    this.#kept = { sha256, labels };
  }

  /** null where those are not here. What was kept is given up either way: it is as large as the image. */
  take(sha256: string | undefined): Uint8Array<SharedArrayBuffer> | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept && kept.sha256 === sha256 ? kept.labels : null;
  }
}
