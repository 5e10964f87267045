/** A typed array that numbers are pushed into; it doubles when it is full. */
export class Numbers<A extends Uint32Array | Int32Array> {
  length = 0
  private readonly make: (length: number) => A
  private values: A

  constructor(make: (length: number) => A, expected = 64) {
    this.make = make
    this.values = make(Math.max(16, expected))
  }

  push(value: number): void {
    if (this.length === this.values.length) this.values = this.copy(this.length * 2)
    this.values[this.length++] = value
  }

  /** Returns exactly what was pushed. */
  done(): A {
    return this.copy(this.length)
  }

  private copy(length: number): A {
    const copy = this.make(length)
    copy.set(this.values.subarray(0, Math.min(this.length, length)))
    return copy
  }
}

/** Makes an array of numbers up to 4 billion. */
export function words(length: number): Uint32Array {
  return new Uint32Array(length)
}
