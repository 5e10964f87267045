/** How text may be dressed: which colours exist, how wide a line may be, and what time it is. */
export interface Look {
  readonly ink: Ink
  /** Columns of the terminal; `Infinity` in a pipe, where nothing is cut. */
  readonly width: number
  /** Milliseconds since 1970, for "3 min ago". */
  readonly now: number
}

const sgr = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], cyan: [36, 39] } as const

/** Wraps text in one style each; returns it as it is where there is no colour. */
export type Ink = Readonly<Record<keyof typeof sgr, (text: string) => string>>

/** Returns the ink of a terminal, or one that leaves no mark. */
export function createInk(colour: boolean): Ink {
  const style = (name: keyof typeof sgr) => (text: string) => {
    const [on, off] = sgr[name]
    return colour && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text
  }
  return { bold: style('bold'), dim: style('dim'), red: style('red'), green: style('green'), yellow: style('yellow'), cyan: style('cyan') }
}

/** Returns the look of a stream: colours on a terminal that has them and where `NO_COLOR` does not forbid it. */
export function lookOf(stream: NodeJS.WriteStream, now: number): Look {
  const terminal = stream.isTTY
  return { ink: createInk(terminal && stream.hasColors()), width: terminal ? stream.columns : Number.POSITIVE_INFINITY, now }
}

/** The look of a pipe: plain and as wide as it needs. */
export function plainLook(now: number): Look {
  return { ink: createInk(false), width: Number.POSITIVE_INFINITY, now }
}
