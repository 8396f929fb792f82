type Kind = Float32Array | Uint32Array;

/** A typed array that numbers are added to three by three; it doubles when it is full. */
export class GrowingArray<T extends Kind> {
  length = 0;
  private readonly make: new (size: number) => T;
  private array: T;

  constructor(make: new (size: number) => T, capacity = 3 * 1024) {
    this.make = make;
    this.array = new make(capacity);
  }

  push(a: number, b: number, c: number): void {
    if (this.length + 3 > this.array.length) {
      const larger = new this.make(2 * this.array.length);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = a;
    this.array[this.length++] = b;
    this.array[this.length++] = c;
  }

  toArray(): T {
    return this.array.slice(0, this.length) as T;
  }
}
