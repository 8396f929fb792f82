/** A pack that we cannot use; the message names the cause in plain words. */
export class PackFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PackFormatError';
  }
}
