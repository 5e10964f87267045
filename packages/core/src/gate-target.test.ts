import { describe, expect, it } from 'vitest'
import { cleanCheckout, mergeableFacts, withTarget } from '../test/facts.ts'
import type { Busy, CheckoutFacts, GateFacts } from './gate-facts.ts'
import { findBlockers } from './gate.ts'

const merge: Busy = { kind: 'operation', what: 'merge in /src/api' }
const lock: Busy = { kind: 'lock', path: '/src/api/.git/index.lock' }
const twice: Busy = { kind: 'checkouts', paths: ['/src/api', '/src/other'] }
const stash = 'git -C /src/api stash -u'

function remedyOf(facts: GateFacts, code: 'target_dirty' | 'target_busy'): { readonly sentence: string; readonly command?: string | undefined } | undefined {
  return findBlockers(facts).find((blocker) => blocker.code === code)?.remedy
}

describe('a busy target is told to', () => {
  it.each<[string, readonly Busy[], RegExp]>([
    ['end what is under way', [merge], /^Finish or abort what is under way there$/],
    ['delete the lock by its name where nobody is at work', [lock], /^If no git is at work there, delete \/src\/api\/\.git\/index\.lock$/],
    ['have the branch checked out once', [twice], /^Check out another branch than main in all but one of them, or .*git worktree remove/],
    ['do each, where it is more than one', [merge, lock, merge], /^Finish or abort what is under way there\. If no git is at work there, delete [^.]+\.git\/index\.lock$/],
  ])('%s', (_name, busy, sentence) => {
    expect(remedyOf(withTarget({ busy }), 'target_busy')?.sentence).toMatch(sentence)
  })
})

describe('a dirty target is told to', () => {
  const dirty = (checkout: Partial<CheckoutFacts>, busy: readonly Busy[] = [], policy: GateFacts['policy'] = mergeableFacts.policy) => remedyOf(withTarget({ busy, checkout: { ...cleanCheckout, ...checkout } }, { ...mergeableFacts, policy }), 'target_dirty')
  it.each<[string, ReturnType<typeof dirty>, RegExp, string | undefined]>([
    ['stash', dirty({ staged: ['a'], untracked: ['b'] }), /^Stash them there/, stash],
    ['end a merge first, which a stash would end', dirty({ staged: ['a'] }, [merge]), /^Finish or abort what is under way there first/, undefined],
    ['see to a lock first, under which there is no stash', dirty({ staged: ['a'] }, [lock]), /^If no git is at work there, delete \S+ first/, undefined],
    ['stash all the same where the branch is checked out twice', dirty({ staged: ['a'] }, [twice]), /^Stash them there/, stash],
    ['settle what is in conflict', dirty({ staged: ['a'], unstaged: ['a', 'f'], conflicted: ['a'], announced: ['f'] }), /^Settle what is in conflict there first \(a\)/, undefined],
    ['commit what is announced, or take that back', dirty({ unstaged: ['f'], announced: ['f'] }), /^Commit f there, or take back/, 'git -C /src/api reset -- f'],
    ['take back what is announced by its name, not what that would match', dirty({ unstaged: ['*'], announced: ['*'] }), /^Commit \* there/, "git -C /src/api --literal-pathspecs reset -- '*'"],
    ['commit what is announced under a name that cannot be typed', dirty({ unstaged: ['\uFFFD'], announced: ['\uFFFD'] }), /^Commit \uFFFD there/, undefined],
    ['move a repository inside away, or to ignore it', dirty({ untracked: ['nested/'] }), /^Move nested\/ away, or name it in \.git\/info\/exclude/, undefined],
    ['move one away that is in the way: ignored it still were', dirty({ untracked: ['nested/'], untrackedInTheWay: ['nested/x'] }), /^Move nested\/ away: /, undefined],
    ['move one away under the relaxed policy, too', dirty({ untracked: ['nested/', 'b'], untrackedInTheWay: ['nested/x'] }, [], { untracked: 'colliding' }), /^Move nested\/ away: /, undefined],
    ['put a submodule back', dirty({ unstaged: ['lib'], submodules: ['lib'] }), /^Put lib back with `git submodule update`/, undefined],
    ['stash the rest beside those', dirty({ unstaged: ['lib', 'a'], submodules: ['lib'], untracked: ['nested/'] }), /^Move nested\/ away, .*\. Put lib back .*\. Stash the rest there/, stash],
  ])('%s', (_name, remedy, sentence, command) => {
    expect(remedy?.sentence).toMatch(sentence)
    expect(remedy?.command).toBe(command)
  })
})
