import { createMemo, For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Empty } from '../parts/empty.tsx'
import { Page } from '../parts/page.tsx'
import { Twin } from '../parts/twin.tsx'
import { openOverlay } from '../shell/overlay.ts'
import { BoardPart } from './board-part.tsx'
import { groupBoard, sectionIds } from './group-board.ts'

/** The first page: every task, by what the human must do next. */
export function BoardPage() {
  const tasks = useQuery(() => queries.tasks())
  const runs = useQuery(() => queries.runs())
  const actions = (
    <button type="button" class="button primary" onClick={() => openOverlay('new_task')} aria-keyshortcuts="c">
      New task
    </button>
  )
  return (
    <Page title="Board" actions={actions}>
      <Answer query={tasks} what="tasks">
        {(listed) => (
          <Answer query={runs} what="runs">
            {(known) => <Sections tasks={listed().tasks} runs={known().runs} quarantined={[...listed().quarantined, ...known().quarantined]} />}
          </Answer>
        )}
      </Answer>
    </Page>
  )
}

function Sections(props: Parameters<typeof groupBoard>[0]) {
  const board = createMemo(() => groupBoard(props))
  return (
    <Show when={props.tasks.length + props.quarantined.length > 0} fallback={<FirstTask />}>
      <For each={sectionIds}>{(id) => <BoardPart id={id} items={board()[id]} />}</For>
    </Show>
  )
}

function FirstTask() {
  return (
    <Empty title="No tasks yet.">
      <p>A task says what is to change and where it lands. Runs, reviews and handoffs grow from it.</p>
      <p>
        <button type="button" class="button primary" onClick={() => openOverlay('new_task')}>
          Write the first task
        </button>
      </p>
      <p>
        <Twin args='task new "Round prices the same way everywhere"' />
      </p>
    </Empty>
  )
}
