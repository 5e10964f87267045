import type { RunId } from '@signalbox/core'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Copy } from '../parts/copy.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { Dialog } from '../shell/dialog.tsx'

/** The exact brief a run was given. */
export function PacketDialog(props: { readonly run: RunId; readonly close: () => void }) {
  const packet = useQuery(() => queries.packet(props.run))
  return (
    <Dialog title={`Packet of ${props.run}`} class="wide" close={props.close}>
      <header class="dialog-head">
        <h2>Packet of {props.run}</h2>
        <button type="button" class="button" onClick={() => props.close()}>
          Close
        </button>
      </header>
      <Answer query={packet} what="the packet">
        {(known) => (
          <>
            <p class="muted">
              sha256 <code>{known().hash}</code> <Copy text={known().markdown} what="the packet" />
            </p>
            <Markdown text={known().markdown} />
          </>
        )}
      </Answer>
    </Dialog>
  )
}
