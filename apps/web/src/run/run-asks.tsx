import type { Answer, Question, RunView } from '@signalbox/core'
import { answerWords, sayAnswer } from '@signalbox/core/words'
import { createSignal, For, Show } from 'solid-js'
import { useAct } from '../api/act.ts'
import { api } from '../api/client.ts'
import { Field } from '../parts/field.tsx'
import { Problem } from '../parts/problem.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'
import '../styles/form.css'

/** What the agent of a run asks, to be answered here, and what it asked before; nothing is shown where it asked nothing. */
export function RunAsks(props: { readonly run: RunView }) {
  const open = () => props.run.questions.filter(({ state }) => state === 'open')
  const past = () => props.run.questions.filter(({ state }) => state !== 'open')
  return (
    <Show when={props.run.questions.length > 0}>
      <Section title={open().length > 0 ? 'It waits for your answer' : 'What it asked'} class="run-asks">
        <For each={open()}>{(question) => <Open run={props.run} question={question} />}</For>
        <Show when={past().length > 0}>
          <ul class="plain-lines">
            <For each={past()}>{(question) => <li>{sayPast(question)}</li>}</For>
          </ul>
        </Show>
      </Section>
    </Show>
  )
}

function sayPast({ asked, answer }: Question): string {
  return visible(`${asked.id} ${asked.text}: ${answer === null ? 'not answered before its agent ended' : `${sayAnswer(answer.value)} (${answer.by})`}`)
}

function Open(props: { readonly run: RunView; readonly question: Question }) {
  const [text, setText] = createSignal('')
  const asked = () => props.question.asked
  const answer = useAct((value: Answer) => api.answer(props.run.id, { question: asked().id, answer: value }))
  const submit = (event: SubmitEvent): void => {
    event.preventDefault()
    answer.mutate(asked().kind === 'permission' ? { kind: 'refuse', because: text().trim() } : { kind: 'text', text: text() })
  }
  return (
    <form class="form run-ask" onSubmit={submit} aria-label={`${asked().id}, which waits for your answer`}>
      <p class="run-ask-text">
        <strong>{asked().id}</strong> {asked().kind === 'permission' ? 'May it: ' : ''}
        {visible(asked().text)}
      </p>
      <Show when={toolOf(props.question)}>
        {(lines) => (
          <pre class="run-command" tabindex="0">
            {lines()}
          </pre>
        )}
      </Show>
      <Show when={asked().kind === 'question'} fallback={<Field label="Why not (optional)" hint="The agent is told.">{(id) => <input id={id} autocomplete="off" value={text()} onInput={(event) => setText(event.currentTarget.value)} />}</Field>}>
        <Field label="Your answer" hint={sayOptions(props.question)}>
          {(id) => <textarea id={id} rows="3" required value={text()} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
      </Show>
      <Show when={answer.error}>{(error) => <Problem error={error()} />}</Show>
      <footer class="form-foot">
        <Twin args={answerWords(props.run.id, asked())} />
        <span class="form-buttons">
          <Show
            when={asked().kind === 'permission'}
            fallback={
              <button type="submit" class="button primary" disabled={answer.isPending}>
                Answer
              </button>
            }
          >
            <button type="submit" class="button danger" disabled={answer.isPending}>
              Refuse
            </button>
            <button type="button" class="button" disabled={answer.isPending} onClick={() => answer.mutate({ kind: 'allow', lasting: 'always' })}>
              Allow the like of it
            </button>
            <button type="button" class="button primary" disabled={answer.isPending} onClick={() => answer.mutate({ kind: 'allow', lasting: 'once' })}>
              Allow once
            </button>
          </Show>
        </span>
      </footer>
    </form>
  )
}

/** What the call is about, where that says more than its title. */
function toolOf({ asked }: Question): string | undefined {
  if (asked.kind !== 'permission') return undefined
  const lines = [asked.tool.command ?? [], asked.tool.paths].flat().filter((line) => line !== asked.text)
  return lines.length === 0 ? undefined : lines.map(visible).join('\n')
}

function sayOptions({ asked }: Question): string {
  return asked.kind === 'question' && asked.options.length > 0 ? `It proposes: ${asked.options.map(visible).join(' · ')}` : 'The agent gets it word for word.'
}
