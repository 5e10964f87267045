import { codeOf, messageOf, type ControlError } from '@signalbox/api/client'
import { Show } from 'solid-js'
import { isUnreached, Unanswered } from '../api/unreached.ts'
import { visible } from '../words/untrusted.ts'
import { reveal } from './reveal.ts'
import { RemedyLine } from './remedy-line.tsx'

/** Shows a refusal or fault: what happened, its code, what to do next, and the command for that. A title says that it did not happen, which nobody knows of an act without an answer. */
export function Problem(props: { readonly error: unknown; readonly title?: string }) {
  return (
    <section class="problem" role="alert" ref={reveal}>
      <Show when={props.error instanceof Unanswered ? '' : props.title}>{(title) => <h3>{title()}</h3>}</Show>
      <p>
        {sayProblem(props.error)} <Show when={codeOf(props.error)}>{(code) => <code class="code">{code()}</code>}</Show>
      </p>
      <RemedyLine hint={hintOf(props.error)} />
    </section>
  )
}

function sayProblem(error: unknown): string {
  return isUnreached(error) ? 'The server did not answer. Nothing is lost; this page asks again as soon as it is back.' : visible(messageOf(error))
}

function hintOf(error: unknown): string | undefined {
  const hint = typeof error === 'object' && error !== null && 'hint' in error ? (error as Pick<ControlError, 'hint'>).hint : undefined
  return typeof hint === 'string' ? hint : undefined
}
