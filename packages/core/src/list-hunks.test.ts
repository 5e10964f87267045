import { expect, it } from 'vitest'
import { listHunks } from './list-hunks.ts'

const file = (path: string, status: 'modified' | 'type_changed' = 'modified') => ({ path, oldPath: null, status, insertions: 1, deletions: 1 })

it('numbers the hunks of each file, and says which files have none', () => {
  const patch = [
    'diff --git a/bin b/bin\nindex 1..2 100644\nGIT binary patch\nliteral 2\nJcmZ\n\n',
    'diff --git a/edit b/edit\n--- a/edit\n+++ b/edit\n@@ -1,2 +1,2 @@ head of it\n same\n-diff --git a/x b/x\n+@@ -9 +9 @@\n@@ -20 +20 @@\n-b\n\\ No newline at end of file\n+c\n',
    'diff --git a/kind b/kind\ndeleted file mode 100644\n@@ -1 +0,0 @@\n-x\n',
    'diff --git a/kind b/kind\nnew file mode 120000\n@@ -0,0 +1 @@\n+to\n',
    'diff --git a/mode b/mode\nold mode 100644\nnew mode 100755\n',
  ].join('')
  expect(listHunks({ files: [file('bin'), file('edit'), file('kind', 'type_changed'), file('mode')], patch })).toEqual([
    { path: 'bin', number: null, head: '', first: '' },
    { path: 'edit', number: 1, head: '@@ -1,2 +1,2 @@', first: '-diff --git a/x b/x' },
    { path: 'edit', number: 2, head: '@@ -20 +20 @@', first: '-b' },
    { path: 'kind', number: null, head: '', first: '' },
    { path: 'mode', number: null, head: '', first: '' },
  ])
  expect(listHunks({ files: [], patch: '' })).toEqual([])
})
