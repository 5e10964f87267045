/** What a line of a patch is. `mark` is git's `\ No newline at end of file`, said of the line before it. */
export const kind = { header: 0, hunk: 1, context: 2, added: 3, removed: 4, mark: 5 } as const
export type Kind = (typeof kind)[keyof typeof kind]
