import { useNavigate } from '@solidjs/router'
import type { RunId, Snapshot } from '@signalbox/core'
import { createEffect, createMemo, createSignal, For, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Twin } from '../parts/twin.tsx'
import { Dialog } from '../shell/dialog.tsx'
import { visible } from '../words/untrusted.ts'
import { Sizes } from './file-heading.tsx'
import { choiceOf, flagsOf, partRepos, turnFile, turnHunk, type LeftOut, type PartFile } from './part-choice.ts'
import { Refusal } from './refusal.tsx'
import { changeWords, type ReviewRepo } from './review-files.ts'
import { numberOf } from './round-list.tsx'

interface Props {
  readonly run: RunId
  readonly round: Snapshot
  readonly repos: readonly ReviewRepo[]
  readonly close: () => void
}

/** Chooses the files and hunks of a round that become a round of their own. All are chosen at first: most often little is to stay out. */
export function PartDialog(props: Props) {
  const navigate = useNavigate()
  const [leftOut, setLeftOut] = createSignal<LeftOut>(new Map())
  const repos = createMemo(() => partRepos(props.repos))
  const choice = createMemo(() => choiceOf(repos(), leftOut()))
  const title = () => `Choose a part of ${props.round.id}`
  const act = useAct(
    () => api.sealRun(props.run, { from: numberOf(props.round), digest: props.round.digest, only: choice() }),
    () => {
      props.close()
      navigate(`/runs/${props.run}/review`)
    },
  )
  return (
    <Dialog title={title()} class="wide" close={props.close}>
      <form
        class="act-form"
        onSubmit={(event) => {
          event.preventDefault()
          act.mutate()
        }}
      >
        <h2>{title()}</h2>
        <p>What is ticked becomes the next round, checked as its own tree. The rest is left out and stays in {props.round.id}; the workspace stays as it is.</p>
        <For each={repos()}>
          {(repo) => (
            <fieldset class="part-repo">
              <legend>{repo.name}</legend>
              <For each={repo.files} fallback={<p class="muted">unchanged</p>}>
                {(file) => <PartLine file={file} left={leftOut().get(file.file.number)} turn={() => setLeftOut(turnFile(leftOut(), file))} turnHunk={(number) => setLeftOut(turnHunk(leftOut(), file, number))} />}
              </For>
            </fieldset>
          )}
        </For>
        <p class="twin-line">
          <Twin args={`seal ${props.run} --from s${numberOf(props.round)} ${flagsOf(choice())}`.trim()} />
        </p>
        <Refusal error={act.error} title="It was refused" />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={() => props.close()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={act.isPending || leftOut().size === 0 || choice().length === 0}>
            {act.isPending ? 'Making the round…' : 'Make the round'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface LineProps {
  readonly file: PartFile
  readonly left: ReadonlySet<number> | 'whole' | undefined
  readonly turn: () => void
  readonly turnHunk: (number: number) => void
}

function PartLine(props: LineProps) {
  const [open, setOpen] = createSignal(false)
  const { file, hunks } = props.file
  const words = changeWords(file).filter((word) => word !== 'modified').map(visible).join(', ')
  const isIn = (number: number): boolean => props.left === undefined || (props.left !== 'whole' && !props.left.has(number))
  // Some of it is in: neither ticked nor not, which only a property of the box can say.
  const box = (input: HTMLInputElement): void => createEffect(() => void (input.indeterminate = props.left !== undefined && props.left !== 'whole'))
  return (
    <div class="part-file">
      <label>
        <input type="checkbox" ref={box} checked={props.left === undefined} onChange={() => props.turn()} />
        <span class="part-path">{visible(file.path)}</span>
        <Show when={words}>
          <span class="muted">{words}</span>
        </Show>
        <Sizes file={file} />
      </label>
      <Show when={hunks.length > 1}>
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{hunks.length} hunks</summary>
          <Show when={open()}>
            <For each={hunks}>
              {({ number, head, first }) => (
                <label class="part-hunk">
                  <input type="checkbox" checked={isIn(number)} onChange={() => props.turnHunk(number)} />
                  <span class="part-path">
                    #{number} <code>{head}</code> <code>{visible(first)}</code>
                  </span>
                </label>
              )}
            </For>
          </Show>
        </details>
      </Show>
    </div>
  )
}
