import { count } from './amounts.ts'
import { endBusy, hindersStash } from './gate-busy.ts'
import type { Busy, CheckoutFacts, GateFacts, RepoFacts } from './gate-facts.ts'
import { block, nameUpTo5, type Blocker } from './gate-report.ts'
import { literally, quote } from './quote.ts'

/** Returns what lies in the checkout of a target branch and stands against a landing there. */
export function findDirt(facts: GateFacts, repo: RepoFacts, checkout: CheckoutFacts, busy: readonly Busy[]): Blocker[] {
  const { repo: name, branch } = repo
  const blockers: Blocker[] = []
  const untracked = facts.policy.untracked === 'all' ? [...new Set([...checkout.untracked, ...checkout.untrackedInTheWay])] : checkout.untrackedInTheWay
  const paths = [...new Set([...checkout.staged, ...checkout.unstaged, ...untracked])]
  if (paths.length > 0) {
    const counts = [
      checkout.staged.length > 0 ? `${checkout.staged.length} staged` : '',
      checkout.unstaged.length > 0 ? `${checkout.unstaged.length} unstaged` : '',
      untracked.length > 0 ? `${untracked.length} untracked` : '',
    ].filter((text) => text !== '')
    blockers.push(
      block(
        'target_dirty',
        name,
        `The checkout of ${branch} of ${name} has changes of its own (${counts.join(', ')}): ${nameUpTo5(paths)}`,
        { paths, staged: checkout.staged, unstaged: checkout.unstaged, untracked, checkout: checkout.path },
        remedyOf(repo, checkout, { paths, busy }),
      ),
    )
  }
  if (checkout.ignoredInTheWay.length > 0) {
    const ignored = checkout.ignoredInTheWay
    blockers.push(
      block('target_dirty', name, `The landing would overwrite ${count(ignored.length, 'ignored file')} in the checkout of ${branch} of ${name}: ${nameUpTo5(ignored)}`, { paths: ignored, ignored, checkout: checkout.path }, {
        sentence: 'Move those files away; git would overwrite them without a word',
      }),
    )
  }
  return blockers
}

interface Dirt {
  readonly paths: readonly string[]
  readonly busy: readonly Busy[]
}

/** Offers a stash only where one helps: it would end a merge under way, git refuses it in some states, and it passes over repositories. */
function remedyOf({ branch }: RepoFacts, checkout: CheckoutFacts, { paths, busy }: Dirt): Blocker['remedy'] {
  const git = `git -C ${quote(checkout.path)}`
  const { conflicted, announced } = checkout
  const first = hindersStash(busy)
  if (first.length > 0) return { sentence: `${endBusy(branch, first)} first, then see to the changes` }
  if (conflicted.length > 0) return { sentence: `Settle what is in conflict there first (${nameUpTo5(conflicted)}): git makes no stash and no commit before` }
  if (announced.length > 0) {
    const sentence = `Commit ${nameUpTo5(announced)} there, or take back the \`git add -N\`: git makes no stash before`
    // What shows as this is no UTF-8, and cannot be typed.
    return announced.some((path) => path.includes('\uFFFD')) ? { sentence } : { sentence, command: `${literally(git, announced)} reset -- ${announced.map(quote).join(' ')}` }
  }
  const passed = findPassedOver(checkout, paths)
  const sentences = sayPassedOver(checkout, passed)
  if (paths.every((path) => passed.paths.has(path))) return { sentence: sentences.join('. ') }
  const them = sentences.length === 0 ? 'them' : 'the rest'
  return { sentence: [...sentences, `Stash ${them} there (the target stays in place), or commit ${them} and refresh the run`].join('. '), command: `${git} stash -u` }
}

/** What no stash takes along: repositories of their own, told by the slash they end in, and submodules at another commit. */
interface PassedOver {
  readonly paths: ReadonlySet<string>
  readonly nested: readonly string[]
  readonly submodules: readonly string[]
}

function findPassedOver({ untracked, submodules }: CheckoutFacts, paths: readonly string[]): PassedOver {
  const folders = untracked.filter((path) => path.endsWith('/'))
  const isIn = (folder: string) => (path: string): boolean => `${path}/`.startsWith(folder)
  const nested = folders.filter((folder) => paths.some(isIn(folder)))
  return { paths: new Set(paths.filter((path) => submodules.includes(path) || nested.some((folder) => isIn(folder)(path)))), nested, submodules }
}

function sayPassedOver({ untrackedInTheWay }: CheckoutFacts, { nested, submodules }: PassedOver): readonly string[] {
  const inTheWay = nested.some((folder) => untrackedInTheWay.some((path) => `${path}/`.startsWith(folder)))
  return [
    ...(nested.length === 0 ? [] : [`Move ${nameUpTo5(nested)} away${inTheWay ? '' : ', or name it in .git/info/exclude'}: git stashes no repository inside another`]),
    ...(submodules.length === 0 ? [] : [`Put ${nameUpTo5(submodules)} back with \`git submodule update\`, or commit where it is and refresh the run: git stashes no submodule`]),
  ]
}
