import type { Blocker, GateReport, RunId, WaivableCode, WaiverRequest } from '@signalbox/core'
import { createSignal, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { visible } from '../words/untrusted.ts'
import { ActDialog } from './act-dialog.tsx'
import { shellWord } from './shell-word.ts'

/** The button that waives one reason for the round that is shown, and the dialog that asks why. Nothing where nobody may. */
export function WaiveAct(props: { readonly run: RunId; readonly report: GateReport; readonly blocker: Blocker }) {
  const [seen, setSeen] = createSignal<{ readonly blocker: Blocker; readonly digest: string }>()
  const open = (): void => {
    // What was on the page when it was asked for is what the reason is about.
    if (props.report.digest !== null) setSeen({ blocker: props.blocker, digest: props.report.digest })
  }
  return (
    <Show when={props.blocker.remedy.waive !== undefined}>
      <p>
        <button type="button" class="button" onClick={open}>
          Waive…
        </button>
      </p>
      <Show when={seen()}>
        {(about) => (
          <ActDialog
            title={`Waive ${about().blocker.code}${about().blocker.repo === undefined ? '' : ` in ${about().blocker.repo}`}?`}
            confirm="Waive"
            reason="Why it does not matter, for the record"
            twin={(because) => `${twinOf(props.run, about().blocker)} --because ${because === '' ? 'TEXT' : shellWord(because)}`}
            act={(because) => api.waive(props.run, { ...namesOf(about().blocker), because, digest: about().digest })}
            close={() => setSeen(undefined)}
          >
            <p>{visible(about().blocker.message)}</p>
            <p>It stops blocking this round, as it is now. A new round, or more of the same, blocks again.</p>
          </ActDialog>
        )}
      </Show>
    </Show>
  )
}

function twinOf(run: RunId, { code, repo }: Blocker): string {
  return `waive ${run} ${code}${repo === undefined ? '' : ` --repo ${repo}`}`
}

/** The page offers it only where the gate does, so the code is one that can be waived; the server looks again. */
function namesOf({ code, repo }: Blocker): Pick<WaiverRequest, 'code' | 'repo'> {
  return { code: code as WaivableCode, ...(repo === undefined ? {} : { repo }) }
}
