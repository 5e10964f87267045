import type { GateReport, RunView, SnapshotId } from '@signalbox/core'
import { asksToSeal } from '@signalbox/core/words'
import { createSignal, For, lazy, Show } from 'solid-js'
import { api } from '../api/client.ts'
import { useAct } from '../api/act.ts'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'
import { ActDialog } from './act-dialog.tsx'
import { wantsOwner } from './gate-words.ts'
import { Refusal } from './refusal.tsx'
import { quote } from '../words/shell-quote.ts'

const StartRun = lazy(async () => ({ default: (await import('../task/start-run.tsx')).StartRun }))

/** What else can be done about a round: each act with its twin on the command line, and its refusal beside it. */
export function GateActs(props: { readonly run: RunView; readonly report: GateReport }) {
  const [settling, setSettling] = createSignal<SnapshotId>()
  const [rejecting, setRejecting] = createSignal(false)
  // What was found when it was asked for: the word is about that, whatever a later look finds.
  const [owning, setOwning] = createSignal<RunView['sources']>()
  const run = () => props.run.id
  const has = (...codes: readonly GateReport['blockers'][number]['code'][]) => props.report.blockers.some(({ code }) => codes.includes(code))
  const isOpen = () => props.run.state === 'ended' && props.run.merge.state !== 'merged'
  return (
    <Show when={isOpen()}>
      <section aria-label="Acts" class="gate-acts">
        <h3>Acts</h3>
        <Show when={has('target_moved') && !has('merge_conflict')}>
          <Act name="Refresh onto the moved target" busy="Refreshing…" twin={`refresh ${run()}`} act={() => api.refresh(run())} />
        </Show>
        <Show when={has('merge_conflict') && props.run.resolving?.conflicts == null && props.run.isolation !== 'linked'}>
          <Act name="Prepare the workspace to settle it" busy="Preparing…" twin={`refresh ${run()} --resolve`} act={() => api.refresh(run(), { resolve: true })} />
        </Show>
        <Show when={has('merge_conflict') && props.run.resolving?.conflicts == null && props.run.takesBack === null && props.report.snapshot}>
          {(snapshot) => (
            <>
              <div class="gate-act">
                <button type="button" class="button" onClick={() => setSettling(snapshot())}>
                  Let an agent settle it…
                </button>
                <Twin args={`refresh ${run()} --resolve --agent shell`} />
              </div>
              <Show when={settling()}>
                {(onto) => <StartRun task={props.run.task} targets={props.run.repos.map(({ repo, baseBranch }) => `${repo} → ${visible(baseBranch)}`)} onto={onto()} close={() => setSettling(undefined)} />}
              </Show>
            </>
          )}
        </Show>
        <Show when={props.run.resolving}>
          {(resolving) => (
            <div class="notice">
              <p>{sayResolving(resolving().conflicts?.length)}</p>
              <ul class="paths">
                <For each={resolving().conflicts ?? []}>{({ repo, path }) => <li>{visible(`${resolving().repos.find((one) => one.repo === repo)?.path ?? repo}/${path}`)}</li>}</For>
              </ul>
            </div>
          )}
        </Show>
        <Show when={asksToSeal(props.report) || props.run.resolving?.conflicts != null}>
          <Act name="Seal the next round" busy="Sealing…" twin={`seal ${run()}`} act={() => api.sealRun(run())} />
        </Show>
        <Show when={props.report.blockers.some(({ data }) => data['takeable'])}>
          <Act name="Take its edits into the run" busy="Taking them…" twin={`seal ${run()} --take-escaped`} act={() => api.sealRun(run(), { takeEscaped: true })} />
        </Show>
        <Show when={wantsOwner(props.report)}>
          <div class="gate-act">
            <button type="button" class="button" onClick={() => setOwning(props.run.sources)}>
              It was me…
            </button>
            <Twin args={`seal ${run()} --mine 'why'`} />
          </div>
        </Show>
        <Show when={owning()}>
          {(sources) => (
            <ActDialog
              title={`Was it you, not ${run()}?`}
              confirm="It was me"
              reason="Why, for the record"
              twin={(because) => `seal ${run()} --mine ${quote(because)}`}
              act={(because) => api.sealRun(run(), { mine: because, sources: sources() })}
              close={() => setOwning(undefined)}
            >
              <p>What changed in your repositories during this run then no longer blocks it. Your word is recorded with your name; nothing is changed.</p>
            </ActDialog>
          )}
        </Show>
        <Act name="Check again" busy="Checking…" twin={`check ${run()}`} act={() => api.checkRun(run())} />
        <div class="gate-act">
          <button type="button" class="button" onClick={() => setRejecting(true)}>
            Reject…
          </button>
          <Twin args={`reject ${run()}`} />
        </div>
        <Show when={rejecting()}>
          <ActDialog
            title={`Reject ${run()}?`}
            confirm="Reject"
            reason="Why, for the record (it may stay empty)"
            twin={(because) => `reject ${run()}${because === '' ? '' : ` --because ${quote(because)}`}`}
            act={(because) => api.reject(run(), because === '' ? {} : { because })}
            close={() => setRejecting(false)}
          >
            <p>Turns this run down. Its diff and its record stay readable, and nothing of yours changes.</p>
          </ActDialog>
        </Show>
      </section>
    </Show>
  )
}

function Act(props: { readonly name: string; readonly busy: string; readonly twin: string; readonly act: () => Promise<unknown> }) {
  const act = useAct(() => props.act())
  return (
    <>
      <div class="gate-act">
        <button type="button" class="button" disabled={act.isPending} onClick={() => act.mutate()}>
          {act.isPending ? props.busy : props.name}
        </button>
        <Twin args={props.twin} />
      </div>
      <Refusal error={act.error} title={`${props.name}: refused`} />
    </>
  )
}

/** Says what is to do in a workspace that was prepared, by the number of its conflicts; undefined while it is not ready. */
function sayResolving(conflicts: number | undefined): string {
  if (conflicts === undefined) return 'The workspace was being made anew, and that was interrupted: let it be prepared again.'
  return conflicts === 0 ? 'Git settled what conflicted, by the attributes of its files: seal the next round.' : 'Settle these files in the workspace until no mark is left, then seal the next round:'
}
