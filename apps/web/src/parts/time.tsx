import { createSignal } from 'solid-js'
import { ago } from '../words/amounts.ts'

/** The minute we live in, more or less: every "3 min ago" on the page follows it. */
const [now, setNow] = createSignal(Date.now())
setInterval(() => setNow(Date.now()), 15_000)

/** Shows how long ago an instant was; the instant itself is its tooltip. */
export function Time(props: { readonly at: string }) {
  return (
    <time class="time" dateTime={props.at} title={props.at}>
      {ago(props.at, Math.max(now(), Date.now()))}
    </time>
  )
}
