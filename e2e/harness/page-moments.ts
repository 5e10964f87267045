import type { Page } from 'playwright-core'
import type { RichWorld } from './rich-world.ts'

/** What lies above a page once something was asked for: where, and what is asked. */
export interface PageMoment {
  readonly path: string
  readonly act: (page: Page) => Promise<void>
}

/** Returns every dialog that asks before something happens, and the lists above all pages. Nothing is done in them. */
export function pageMoments({ pages }: RichWorld): Readonly<Record<string, PageMoment>> {
  const press = (path: string, key: string): PageMoment => ({ path, act: async (page) => page.keyboard.press(key) })
  const click = (path: string | undefined, name: string): PageMoment => ({ path: path ?? '/', act: async (page) => page.getByRole('main').getByRole('button', { name, exact: true }).first().click() })
  return {
    'new task': press('/', 'c'),
    palette: press('/', 'Control+k'),
    keys: press('/', '?'),
    'start a run': click(pages['task without runs'], 'Start a run'),
    'edit a task': click(pages['task'], 'Edit'),
    'cancel a run': click(pages['run at work'], 'Cancel the run'),
    'resume a run': click(pages['run that failed'], 'Let it go on'),
    'reject a run': click(pages['review that is blocked'], 'Reject…'),
    'waive a blocker': click(pages['review that is blocked'], 'Waive…'),
    'comment on a change': press(pages['review that is blocked'] ?? '/', 'm'),
    'comment on the run': click(pages['review that is blocked'], 'Comment on the run…'),
    'request changes': click(pages['review that is blocked'], 'Request changes…'),
    'choose a part': click(pages['review that is blocked'], 'Choose a part…'),
    'take a landing back as a run': click(pages['review that landed'], 'Take it back as a run…'),
    'undo a landing': click(pages['review that landed'], 'Undo the landing…'),
    'new note': click(pages['notes'], 'New note'),
    'add a repo': click(pages['repos'], 'Add a repo'),
  }
}
