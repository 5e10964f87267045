import { Show } from 'solid-js'
import { program } from '../session/session.ts'
import { remedyOf } from '../words/remedy.ts'
import { visible } from '../words/untrusted.ts'
import { Command } from './twin.tsx'

/** Shows what to do next, as a hint of ours says it, with its command to copy; nothing where there is no hint. */
export function RemedyLine(props: { readonly hint: string | null | undefined }) {
  const remedy = () => (typeof props.hint === 'string' ? remedyOf(visible(props.hint), program()) : undefined)
  return (
    <Show when={remedy()}>
      {(next) => (
        <p class="remedy">
          {next().sentence} <Show when={next().command}>{(command) => <Command text={command()} />}</Show>
        </p>
      )}
    </Show>
  )
}
