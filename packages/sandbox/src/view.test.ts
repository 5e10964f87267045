import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWithin, mountsOf, type View } from './view.ts'

const view: View = {
  home: '/home/ann',
  homeEntries: ['/home/ann/.ssh', '/home/ann/code'],
  ownHome: '/state/runs/R0001/sandbox/home',
  ownTemporary: '/state/runs/R0001/sandbox/tmp',
  shared: ['/tmp', '/run', '/dev'],
  opened: ['/home/ann/.cache'],
  read: ['/home/ann/code/api'],
  hidden: [
    { path: '/home/ann/.ssh', isFolder: true },
    { path: '/home/ann/.netrc', isFolder: false },
    { path: '/state', isFolder: true },
  ],
  shown: ['/state/runs/R0001/packet.md'],
  write: ['/state/workspaces/R0001'],
}

test('lays what is shown over what is hidden, and that over what lies in the home', () => {
  expect(mountsOf(view).join(' ')).toBe(
    [
      '--ro-bind / /',
      '--bind /state/runs/R0001/sandbox/tmp /tmp',
      '--tmpfs /run',
      '--dev /dev',
      '--proc /proc',
      '--bind /state/runs/R0001/sandbox/home /home/ann',
      '--ro-bind /home/ann/.ssh /home/ann/.ssh',
      '--ro-bind /home/ann/code /home/ann/code',
      '--bind /home/ann/.cache /home/ann/.cache',
      '--ro-bind /home/ann/code/api /home/ann/code/api',
      '--tmpfs /home/ann/.ssh',
      '--ro-bind /dev/null /home/ann/.netrc',
      '--tmpfs /state',
      '--ro-bind /state/runs/R0001/packet.md /state/runs/R0001/packet.md',
      '--bind /state/workspaces/R0001 /state/workspaces/R0001',
      '--remount-ro /home/ann/.ssh',
      '--remount-ro /state',
      '--remount-ro /run',
    ].join(' '),
  )
})

const path = fc.array(fc.constantFrom('a', 'b', 'home', 'ann'), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
const paths = fc.array(path, { maxLength: 4 })

test('makes nothing writable but what it was given, and what was opened only beneath sources and what is hidden', () => {
  fc.assert(
    fc.property(paths, paths, paths, paths, (opened, read, hidden, write) => {
      const mounts = mountsOf({ ...view, opened, read, hidden: hidden.map((place) => ({ path: place, isFolder: true })), write })
      const at = (flag: string, place: string): number => mounts.findLastIndex((word, index) => word === flag && mounts[index + 2] === place)
      const writable = mounts.flatMap((word, index) => (word === '--bind' ? (mounts[index + 2] ?? []) : []))
      expect(new Set(writable)).toEqual(new Set(['/tmp', view.home, ...opened, ...write]))
      const lastOpened = Math.max(-1, ...opened.map((place) => mounts.findIndex((word, index) => word === '--bind' && mounts[index + 1] === place)))
      for (const place of read) expect(at('--ro-bind', place)).toBeGreaterThan(lastOpened)
      for (const place of hidden) expect(mounts.lastIndexOf(place)).toBe(mounts.lastIndexOf('--remount-ro', mounts.lastIndexOf(place)) + 1)
    }),
  )
})

test.each([
  ['/a/b', '/a', true],
  ['/a', '/a', true],
  ['/ab', '/a', false],
  ['/a', '/a/b', false],
  ['/a', '/', true],
])('%s lies within %s: %s', (inner, outer, answer) => {
  expect(isWithin(inner, outer)).toBe(answer)
})
