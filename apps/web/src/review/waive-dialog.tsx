import type { Blocker, RunId, WaivableCode, WaiverRequest } from '@signalbox/core'
import { waiveWords } from '@signalbox/core/words'
import { api } from '../api/client.ts'
import { visible } from '../words/untrusted.ts'
import { ActDialog } from './act-dialog.tsx'
import { quote } from '../words/shell-quote.ts'

/** What was on the page when a waiver was asked for: the reason is about that. */
export interface Waiving {
  readonly blocker: Blocker
  readonly digest: string
  /** Of a landing that keeps the agent's commits, of which the gate may say more. */
  readonly strategy?: 'keep'
}

/** Asks why one reason against a landing does not matter, and waives it for the round that was shown. */
export function WaiveDialog(props: { readonly run: RunId; readonly about: Waiving; readonly close: () => void }) {
  const blocker = () => props.about.blocker
  return (
    <ActDialog
      title={`Waive ${blocker().code}${blocker().repo === undefined ? '' : ` in ${blocker().repo}`}?`}
      confirm="Waive"
      reason="Why it does not matter, for the record"
      reasonNeeded
      twin={(because) => `${waiveWords(props.run, blocker())} --because ${quote(because)}`}
      act={(because) => api.waive(props.run, { ...seenOf(blocker()), because, digest: props.about.digest, strategy: props.about.strategy })}
      close={props.close}
    >
      <p>{visible(blocker().message)}</p>
      <p>It alone stops blocking this round, as it is now. A new round, or more of the same, blocks again.</p>
    </ActDialog>
  )
}

/** The page offers it only where the gate does, so the code is one that can be waived; the server looks again, whether it is still as it was shown. */
function seenOf({ code, repo, data }: Blocker): Pick<WaiverRequest, 'code' | 'repo' | 'data'> {
  return { code: code as WaivableCode, ...(repo === undefined ? {} : { repo }), data }
}
