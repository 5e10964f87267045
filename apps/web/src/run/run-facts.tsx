import type { RunView } from '@signalbox/core'
import { sayApproval, sayHome, saySurvivors } from '@signalbox/core/words'
import { createSignal, For, Show } from 'solid-js'
import { Facts } from '../parts/facts.tsx'
import { RecordLink } from '../parts/record-link.tsx'
import { Section } from '../parts/section.tsx'
import { Time } from '../parts/time.tsx'
import { Command } from '../parts/twin.tsx'
import { program } from '../session/session.ts'
import { shortId } from '../words/amounts.ts'
import { remedyOf } from '../words/remedy.ts'
import { quote } from '../words/shell-quote.ts'
import { visible } from '../words/untrusted.ts'
import { PacketDialog } from './packet-dialog.tsx'

/** Who does a run, what it was told, where it works, how its landing stands. */
export function RunFacts(props: { readonly run: RunView }) {
  const [packet, setPacket] = createSignal(false)
  // What blocks the landing is said with its remedies where it is judged.
  const exits = () => [...new Set([...props.run.exits, ...(props.run.merge.state === 'blocked' ? [] : props.run.merge.exits)])]
  return (
    <Section title="The run">
      <Facts
        rows={[
          ['Task', <RecordLink id={props.run.task} />],
          ['Agent', visible(props.run.agent)],
          ['Command', props.run.argv.length === 0 ? undefined : <code class="run-command">{visible(props.run.argv.map(quote).join(' '))}</code>],
          ['Started', <Time at={props.run.queuedAt} />],
          ['By', visible(props.run.by)],
          ['Isolation', `${props.run.isolation}: ${props.run.promise}`],
          ['Home', props.run.home === null ? undefined : sayHome(props.run.home)],
          ['Packet', <Packet run={props.run} open={() => setPacket(true)} />],
          ['Workspace', props.run.workspace === null ? 'gone; the snapshots stay' : <code>{visible(props.run.workspace)}</code>],
          ['Handoff', props.run.handoff === null ? undefined : <RecordLink id={props.run.handoff} />],
          ['Landing', visible(props.run.merge.because)],
          ['Approved', props.run.approval === null ? undefined : visible(sayApproval(props.run.approval))],
          ['Changes', props.run.requested.length === 0 ? undefined : <For each={props.run.requested}>{({ of, run }) => <span>of {of} asked for in <RecordLink id={run} /> </span>}</For>],
          ['Goes on', props.run.delegated.length === 0 ? undefined : <For each={props.run.delegated}>{({ of, run }) => <span>{of} in <RecordLink id={run} /> </span>}</For>],
          ['Alive', props.run.survivors.length === 0 ? undefined : <span class="bad-text">{visible(saySurvivors(props.run.survivors))}</span>],
          ['Newer', props.run.newer === null ? undefined : visible(props.run.newer)],
          ['Next', exits().length === 0 ? undefined : <Exits exits={exits()} />],
        ]}
      />
      <Show when={packet()}>
        <PacketDialog run={props.run.id} close={() => setPacket(false)} />
      </Show>
    </Section>
  )
}

/** What would change the state of a run; commands among them can be copied. */
function Exits(props: { readonly exits: readonly string[] }) {
  return (
    <For each={props.exits}>
      {(exit) => {
        const { sentence, command } = remedyOf(visible(exit), program())
        return (
          <div>
            {sentence} {command === undefined ? null : <Command text={command} />}
          </div>
        )
      }}
    </For>
  )
}

function Packet(props: { readonly run: RunView; readonly open: () => void }) {
  return (
    <Show when={props.run.packet} fallback="not saved yet">
      {(packet) => (
        <>
          {packet().tokens} tokens, <code title={packet().hash}>{shortId(packet().hash)}</code>{' '}
          <button type="button" class="copy" onClick={() => props.open()}>
            Read it
          </button>
        </>
      )}
    </Show>
  )
}
