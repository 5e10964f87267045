import type { RepoDiff } from './snapshot.ts'

/** A hunk as people choose it. */
export interface ListedHunk {
  readonly path: string
  /** From 1 in its file; null where the file can only be chosen whole. */
  readonly number: number | null
  /** `@@ -20,7 +20,7 @@`; empty where there is no hunk. */
  readonly head: string
  /** The first line that changes, with its sign. */
  readonly first: string
}

/** Lists the hunks of one repo's diff, numbered as parts of a round name them. Content begins with a sign, so that none of it can look like a header. */
export function listHunks({ files, patch }: Pick<RepoDiff, 'files' | 'patch'>): readonly ListedHunk[] {
  const [, ...sections] = `\n${patch}`.split(/\n(?=diff --git )/)
  let next = 0
  return files.flatMap(({ path, status }): readonly ListedHunk[] => {
    // A change of type is printed as a removal and an addition, which only go together.
    const own = sections.slice(next, (next += status === 'type_changed' ? 2 : 1))
    const [, ...hunks] = own.length === 1 ? `\n${own[0] ?? ''}`.split(/\n(?=@@ -)/) : ['']
    if (hunks.length === 0) return [{ path, number: null, head: '', first: '' }]
    return hunks.map((text, index) => {
      const [head = '', ...body] = text.split('\n')
      return { path, number: index + 1, head: /^@@ \S+ \S+ @@/.exec(head)?.[0] ?? head, first: body.find((line) => /^[+-]/.test(line)) ?? '' }
    })
  })
}
