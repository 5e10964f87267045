import { For } from 'solid-js'
import { reveal } from '../parts/reveal.ts'
import { visible } from '../words/untrusted.ts'
import type { Difference } from './task-draft.ts'

interface Props {
  readonly differences: readonly Difference[]
  readonly takeTheirs: () => void
  readonly keepMine: () => void
}

/** Says that somebody else changed the file meanwhile, and shows both versions of every field that differs. */
export function BothVersions(props: Props) {
  return (
    <section class="problem" role="alert" ref={reveal}>
      <h3>The file was changed while you wrote</h3>
      <p>
        Nothing was saved, and neither version is lost. <code class="code">record.changed_underneath</code>
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Yours</th>
            <th scope="col">In the file now</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.differences}>
            {({ field, mine, theirs }) => (
              <tr>
                <th scope="row">{field}</th>
                <td>
                  <pre>{visible(mine)}</pre>
                </td>
                <td>
                  <pre>{visible(theirs)}</pre>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
      <p class="form-buttons">
        <button type="button" class="button" onClick={() => props.takeTheirs()}>
          Take the file's version
        </button>
        <button type="button" class="button danger" onClick={() => props.keepMine()}>
          Write mine over it
        </button>
      </p>
    </section>
  )
}
