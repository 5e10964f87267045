import type { Receipt } from '@signalbox/core'
import { Show } from 'solid-js'
import { Badge } from '../parts/badge.tsx'
import { sayChecks } from '../words/receipts.ts'

/** Says in a word whether the checks of a run's latest round passed; nothing where none ran. */
export function ChecksBadge(props: { readonly receipts: readonly Receipt[] }) {
  return <Show when={sayChecks(props.receipts)}>{(standing) => <Badge standing={standing()} />}</Show>
}
