import { codeOf, messageOf, type ControlError } from '@signalbox/api/client'
import { Show } from 'solid-js'
import { visible } from '../words/untrusted.ts'
import { reveal } from './reveal.ts'
import { RemedyLine } from './remedy-line.tsx'

/** Shows a refusal or fault: what happened, its code, what to do next, and the command for that. */
export function Problem(props: { readonly error: unknown; readonly title?: string }) {
  return (
    <section class="problem" role="alert" ref={reveal}>
      <Show when={props.title}>{(title) => <h3>{title()}</h3>}</Show>
      <p>
        {sayProblem(props.error)} <Show when={codeOf(props.error)}>{(code) => <code class="code">{code()}</code>}</Show>
      </p>
      <RemedyLine hint={hintOf(props.error)} />
    </section>
  )
}

/** Tells whether a failure is only that the server did not answer: the whole page says so, once. */
export function isUnreached(error: unknown): boolean {
  return error instanceof TypeError && codeOf(error) === undefined
}

function sayProblem(error: unknown): string {
  return isUnreached(error) ? 'The server did not answer. Nothing is lost; this page asks again as soon as it is back.' : visible(messageOf(error))
}

function hintOf(error: unknown): string | undefined {
  const hint = typeof error === 'object' && error !== null && 'hint' in error ? (error as Pick<ControlError, 'hint'>).hint : undefined
  return typeof hint === 'string' ? hint : undefined
}
