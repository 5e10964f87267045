import { A, useParams } from '@solidjs/router'
import type { RunId, RunView } from '@signalbox/core'
import { Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Badge } from '../parts/badge.tsx'
import { PageAnswer } from '../parts/page-answer.tsx'
import { Page } from '../parts/page.tsx'
import { Twin } from '../parts/twin.tsx'
import { runIdOf } from '../words/ids.ts'
import { isActive, mergeStanding, runStanding } from '../words/states.ts'
import { visible } from '../words/untrusted.ts'
import { CancelRun } from './cancel-run.tsx'
import { ResumeRun } from './resume-run.tsx'
import { RunAsks } from './run-asks.tsx'
import { RunBeside } from './run-beside.tsx'
import { RunFacts } from './run-facts.tsx'
import { RunPushed } from './run-pushed.tsx'
import { RunSaved } from './run-saved.tsx'
import { RunStart } from './run-start.tsx'
import { Timeline } from './timeline.tsx'
import { Transcript } from './transcript.tsx'
import '../styles/run.css'

/** One run, live: what happens, what it says, what it saved, what was checked. */
export function RunPage() {
  const params = useParams()
  return (
    <Show when={runIdOf(params['id'])} keyed>
      {(id) => <Live id={id} />}
    </Show>
  )
}

function Live(props: { readonly id: RunId }) {
  const run = useQuery(() => queries.run(props.id))
  return (
    <PageAnswer query={run} id={props.id}>
      {(known) => <Known run={known()} />}
    </PageAnswer>
  )
}

/** Whether the agent of a run may go on in its workspace; the server looks again. */
function canGoOn({ state, merge, workspace, packet, takesBack, resolving }: RunView): boolean {
  return state === 'ended' && !['merging', 'stuck', 'merged'].includes(merge.state) && workspace !== null && packet !== null && takesBack === null && resolving === null
}

function Known(props: { readonly run: RunView }) {
  const actions = (
    <>
      <Show when={props.run.snapshots.some(({ kind }) => kind === 'round')}>
        <A class="button primary" href={`/runs/${props.run.id}/review`}>
          Review
        </A>
      </Show>
      <Show when={isActive(props.run)}>
        <CancelRun run={props.run.id} />
      </Show>
      <Show when={canGoOn(props.run)}>
        <ResumeRun run={props.run.id} />
      </Show>
    </>
  )
  const beside = (
    <>
      <Badge standing={runStanding(props.run)} />
      <Show when={props.run.merge.state !== 'none'}>
        <Badge standing={mergeStanding(props.run.merge.state)} />
      </Show>
    </>
  )
  return (
    <Page title={`of ${props.run.task}`} id={props.run.id} beside={beside} actions={actions}>
      <div class="run-lead">
        <p>
          {visible(props.run.because)}. <A href={`/tasks/${props.run.task}`}>Go to {props.run.task}</A>
        </p>
        <Twin args={isActive(props.run) ? `log ${props.run.id} -f` : `show ${props.run.id}`} />
      </div>
      <RunBeside run={props.run} />
      <RunAsks run={props.run} />
      <div class="run-grid">
        <div class="task-column">
          <Transcript run={props.run.id} active={isActive(props.run)} />
          <RunSaved run={props.run} />
          <RunPushed run={props.run} />
          <RunStart run={props.run} />
        </div>
        <div class="task-column">
          <Timeline run={props.run.id} />
          <RunFacts run={props.run} />
        </div>
      </div>
    </Page>
  )
}
