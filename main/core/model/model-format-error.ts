/** A model that we cannot use, or that asks for something we do not do; the message names it in plain words. */
export class ModelFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ModelFormatError';
  }
}
